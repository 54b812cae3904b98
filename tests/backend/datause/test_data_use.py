"""Who used my data (S118): every scan and every read by others, for the person alone, in pages."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from typing_extensions import override

from backend.accounts.documents import SignInMethod
from backend.accounts.sessions import Sessions, SignedInAs, Tokens
from backend.app import House
from backend.datause.service import DataUse
from backend.foundation import audit
from backend.foundation.audit import PLATFORM, Actor, ActorKind, Deed, Organisation, System
from backend.foundation.mongo import Session
from backend.foundation.pages import Position
from shared.localized_text import LocalizedText
from shared.wire.request_proof import ProvenKey, sign_request, thumbprint
from tests.backend.actors import JSON, City, Holder, Phone, code_scan, document, scan

OUTLET = Organisation("360702-01", LocalizedText("章贡区服务网点", "Zhanggong outlet"))
CLERK = Actor(ActorKind.STAFF, "stf_clerk")
READ = LocalizedText("查看了您的登记信息", "Looked at your record")


@dataclass
class Owner(Phone):
    """A resident's phone, signed in."""

    access: str = ""

    @override
    async def send(
        self, method: str, path: str, body: bytes = b"", etag: str | None = None
    ) -> httpx.Response:
        proof = sign_request(self.key, method, path, body, self.clock.now())
        headers = {**JSON, "DPoP": proof, "Authorization": f"DPoP {self.access}"}
        return await self.client.request(method, path, content=body, headers=headers)

    async def uses(self, **page: Any) -> Any:
        return (await self.ask("DataUse", **page))["dataUse"]


async def owner(city: City, resident_id: str) -> Owner:
    """Return a phone that is signed in for a resident."""
    phone = Owner(city.client, city.clock)
    sessions = city.house.services[Sessions]
    key = ProvenKey(phone.key.public, thumbprint(phone.key.public))
    holder = SignedInAs(resident_id, PLATFORM, SignInMethod.PASSWORD, timedelta(days=1))

    async def open_session(session: Session) -> str:
        return await sessions.open(holder, key, "手机", session)

    tokens = await sessions.first_tokens(await audit.in_one_write(open_session))
    assert isinstance(tokens, Tokens)
    phone.access = tokens.access
    return phone


def read_of(resident_id: str, at: datetime, **changed: Any) -> Deed:
    plain: dict[str, Any] = {
        "at": at,
        "actor": CLERK,
        "action": "residents.read",
        "words": READ,
        "system": System.COUNTER,
        "subject": resident_id,
        "organisation": OUTLET,
    }
    return Deed(**{**plain, **changed})


@pytest.fixture
async def holder(city: City, house: House) -> Holder:
    """A card's holder of whom nothing is recorded yet."""
    holder = await city.holder()
    await house.store.database["audit_rows"].delete_many({})
    return holder


@pytest.mark.feature("S118")
async def test_every_scan_and_every_read_by_others_is_shown_newest_first(
    city: City, holder: Holder
) -> None:
    now, phone = city.clock.now(), await owner(city, holder.resident_id)
    terminal = await city.terminal()
    await audit.record_read(read_of(holder.resident_id, now - timedelta(minutes=1)))
    by_card = scan(now - timedelta(minutes=2))
    by_code = code_scan(
        now - timedelta(minutes=3),
        await city.card_index(holder),
        verdict="refuse",
        reason="replayed",
    )
    checked = scan(
        now - timedelta(minutes=4), verdict="again", reason=None, detail={"checked_by": "u01"}
    )
    unread = scan(now - timedelta(minutes=5), verdict="again", reason="card_removed")
    await terminal.upload(by_code, by_card, checked, unread)

    page = await phone.uses()

    museum = {
        "zh": "中央红军长征出发地纪念园",
        "en": "Central Red Army Long March Departure Memorial Park",
    }
    assert page["nodes"] == [
        {
            "id": page["nodes"][0]["id"],
            "logtime": (now - timedelta(minutes=1)).isoformat(),
            "action": {"zh": READ.zh, "en": READ.en},
            "receiverCode": "360702-01",
            "receiverName": {"zh": "章贡区服务网点", "en": "Zhanggong outlet"},
            "receiverSystem": "counter",
            "result": "DONE",
            "mandate": None,
        },
        {
            "id": by_card["scan_id"],
            "logtime": (now - timedelta(minutes=2)).isoformat(),
            "action": {"zh": "在2号通道读取社保卡", "en": "Read your card at Lane 2"},
            "receiverCode": "venue:1",
            "receiverName": museum,
            "receiverSystem": "reader",
            "result": "DONE",
            "mandate": None,
        },
        {
            "id": by_code["scan_id"],
            "logtime": (now - timedelta(minutes=3)).isoformat(),
            "action": {"zh": "在1号通道核验电子社保卡", "en": "Checked your code at Lane 1"},
            "receiverCode": "venue:1",
            "receiverName": museum,
            "receiverSystem": "reader",
            "result": "REFUSED",
            "mandate": None,
        },
        {
            "id": checked["scan_id"],
            "logtime": (now - timedelta(minutes=4)).isoformat(),
            "action": {
                "zh": "在2号通道咨询时查询通行结果",
                "en": "Checked at Lane 2, for a question there",
            },
            "receiverCode": "venue:1",
            "receiverName": museum,
            "receiverSystem": "reader",
            "result": "DONE",
            "mandate": None,
        },
    ]


async def test_nobody_sees_anothers_rows(city: City, holder: Holder) -> None:
    other = await city.holder("902", digest=None)
    now, terminal = city.clock.now(), await city.terminal()
    await audit.record_read(read_of(holder.resident_id, now))
    await audit.record_read(read_of(other.resident_id, now, action="residents.other"))
    await terminal.upload(scan(now))
    mine, theirs = await owner(city, holder.resident_id), await owner(city, other.resident_id)

    seen = [{use["id"] for use in (await phone.uses())["nodes"]} for phone in (mine, theirs)]
    assert len(seen[0]) == 2
    assert len(seen[1]) >= 1
    assert not seen[0] & seen[1]
    for phone, asked in ((mine, other.resident_id), (theirs, holder.resident_id)):
        assert await _refusal(phone, asked) == "not_permitted"
    assert await _refusal(mine, "res_nobody") == "not_permitted"


async def _refusal(phone: Phone, subject: str | None = None) -> str:
    query = "query($subject: ID) { dataUse(subject: $subject) { nodes { id } } }"
    answer = (await phone.post(query, {"subject": subject})).json()
    assert answer["data"] is None
    return str(answer["errors"][0]["extensions"]["code"])


async def test_a_key_alone_does_not_open_it(city: City, holder: Holder) -> None:
    """A phone found unlocked shows its code; whoever used the data takes a sign-in."""
    assert await _refusal(await city.phone(holder)) == "sign_in_needed"
    assert await _refusal(city.stranger(), holder.resident_id) == "sign_in_needed"


async def test_their_own_routine_and_rows_of_alerts_are_not_listed(
    city: City, holder: Holder
) -> None:
    await audit.record_read(read_of(holder.resident_id, city.clock.now(), disclosed=False))

    assert (await (await owner(city, holder.resident_id)).uses())["nodes"] == []


async def test_pages_of_both_kinds_follow_without_a_gap_or_a_repeat(
    city: City, holder: Holder
) -> None:
    """Also where scans and rows have the same instant, and new ones come in between."""
    at, phone = city.clock.now(), await owner(city, holder.resident_id)
    terminal = await city.terminal()
    await terminal.upload(*(scan(at - timedelta(minutes=number // 4)) for number in range(17)))
    for number in range(13):
        await audit.record_read(read_of(holder.resident_id, at - timedelta(minutes=number // 4)))
    everything = await city.house.services[DataUse].uses(holder.resident_id, 50, None)
    seen: list[str] = []
    after: str | None = None
    more = True
    while more:
        page = await phone.uses(first=7, after=after)
        seen += [use["id"] for use in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        later = at + timedelta(seconds=len(seen))
        await audit.record_read(read_of(holder.resident_id, later))

    assert seen == [use.row_id for use in everything.rows]
    assert len(set(seen)) == 30


@pytest.mark.parametrize("after", ["", "x", "WzAsIHsiJG5lIjogIiJ9XQ==", "😀", "a\u0000", "$where"])
async def test_a_made_up_cursor_is_refused(city: City, holder: Holder, after: str) -> None:
    phone = await owner(city, holder.resident_id)
    answer = (await phone.post(document("DataUse"), {"after": after})).json()

    assert answer["errors"][0]["extensions"]["code"] == "cursor_unknown"


@pytest.mark.parametrize("first", [0, -1, 51, 2**31 - 1])
async def test_a_page_has_a_size(city: City, holder: Holder, first: int) -> None:
    phone = await owner(city, holder.resident_id)
    answer = (await phone.post(document("DataUse"), {"first": first})).json()

    assert answer["errors"][0]["extensions"]["code"] == "page_size"


async def test_a_page_of_five_thousand_rows_costs_what_one_of_fifty_does(
    city: City, house: House, holder: Holder, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    """Index keys and documents examined, as mongod counts them; one command beside that."""
    at, terminal = city.clock.now(), await city.terminal()
    rows = house.store.database["audit_rows"]
    examined = []
    for count in (50, 5_000):
        have = await rows.count_documents({})
        deeds = (
            read_of(holder.resident_id, at - timedelta(minutes=number))
            for number in range(have, count)
        )
        await rows.insert_many([audit.row_of(deed) for deed in deeds])
        scans = [scan(at - timedelta(seconds=number * 7)) for number in range(200)]
        await terminal.upload(*scans)
        middle = Position(at - timedelta(minutes=count // 2), "zzz")
        for after in (None, middle):
            sent.clear()
            page = await house.services[DataUse].uses(holder.resident_id, 20, after)
            assert len(page.rows) == 20
            (_, pointers), (name, command) = sent
            assert pointers["find"] == "residents"  # which records are one person's
            assert name == "aggregate"
            examined.append(await _examined(house, command))

    assert len(examined) == 4
    assert all(docs <= 2 * 22 and keys <= 2 * 24 for docs, keys in examined), examined


async def _examined(house: House, command: dict[str, Any]) -> tuple[int, int]:
    shape = {name: command[name] for name in ("aggregate", "pipeline", "cursor")}
    plan = await house.store.database.command({"explain": shape, "verbosity": "executionStats"})
    text = json.dumps(plan, default=str)
    assert "COLLSCAN" not in text
    assert text.count('"IXSCAN"') >= 2
    return _sum(plan, "totalDocsExamined"), _sum(plan, "totalKeysExamined")


def _sum(plan: Any, name: str) -> int:
    if isinstance(plan, list):
        return sum(_sum(one, name) for one in plan)
    if not isinstance(plan, dict):
        return 0
    below = (_sum(value, name) for key, value in plan.items() if key != name)
    return int(plan.get(name, 0)) + sum(below)
