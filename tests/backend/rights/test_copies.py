"""The copy of one's data (L8): it equals the store for that person, and nobody else gets it."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.app import House
from backend.cards.asking import Asking
from backend.cards.concession import Attestation, Category
from backend.cards.concessions import Concessions
from backend.cards.documents import EligibilityReview, ReviewState
from backend.cards.lifecycle import CardEvent
from backend.cards.paper_codes import PaperCodes
from backend.foundation import audit
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.audit import PLATFORM, Actor, ActorKind, Alert, Deed, System
from backend.foundation.mongo import Session
from backend.foundation.printing import FONT
from backend.foundation.refusals import Refusal
from backend.functions.registry import FunctionRegistry
from backend.functions.rules import CardFunction, FunctionStatus
from backend.functions.service import CardFunctions
from backend.help_requests.documents import HelpRequest
from backend.help_requests.rules import HelpTopic
from backend.licences.rules import RequestState
from backend.mandates.notices import tell
from backend.mandates.stored import touch
from backend.residents.documents import FormerName, Origin
from backend.residents.rules import Source
from backend.residents.service import Residents
from backend.residents.unmasking import Unmasking
from backend.rights.copies import PersonalCopies, PersonalCopy
from backend.rights.copy_pdf import MOST_ROWS, readable, to_pdf
from backend.rights.endpoints import JSON_PATH, PDF_PATH
from backend.rights.personal_data import LEFT_OUT
from backend.safe_checks.documents import SafeCheck
from backend.stored import DOCUMENTS, PERSONAL_DATA
from backend.surveys.documents import SurveySlip
from shared.identity.age import local_day
from shared.localized_text import LocalizedText
from shared.trust.function_list import FunctionGrant
from shared.wire.request_proof import thumbprint
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import (
    City,
    Holder,
    Terminal,
    code_scan,
    id_number,
    join_household,
    new_key,
)
from tests.backend.bookings.hall import leave_a_booking
from tests.backend.cross_region.outlet import leave_a_case
from tests.backend.exams.hall import leave_an_exam
from tests.backend.library.reading_room import leave_a_book
from tests.backend.licences.window import open_request
from tests.backend.passes.desk import leave_a_pass
from tests.backend.payout_accounts.naming import leave_a_payout_account
from tests.backend.residents.officers import leave_a_merge
from tests.backend.stored_value.till import leave_stored_value
from tests.backend.subsidies.paying import leave_a_subsidy

CLERK = Caller(staff_id="stf_clerk", roles=frozenset({Role.OUTLET_CLERK}))
NOT_OF_RESIDENTS = {
    "data_keys",
    "register_cursors",
    "holder_cursors",
    "loaded_populations",
    "policies",
    "status_lists",
    "venues",
    "pilots",
    "recognition_lists",
    "slot_plans",
    "visit_queues",
    "slots",
    "offline_sets",
    "terminals",
    "service_windows",
    "pass_products",
    "pass_stocks",
    "voucher_programmes",
    "value_groups",
    "satisfaction_counts",
    "exam_sessions",
    "guides",
    "libraries",
    "library_policies",
    "library_titles",
    "library_copies",
    "sip2_terminals",
    "audit_links",
    "audit_chain",
    "audit_verifications",
    "alert_acknowledgements",
    "card_functions",
    "function_lists",
    "card_types",
    "card_type_violations",
    "key_carriers",
    "key_carrier_events",
    "identity_items",
    "alliance_regions",
    "qualified_outlets",
    "cross_region_counts",
    "issuance_days",
    "issuance_figures",
    "data_consumers",
    "sharing_agreements",
    "sharing_counts",
    "impact_assessments",
    "visit_days",
    "inbox_messages",
    "inbox_cursors",
}
PHONE = "13800138901"


@dataclass
class Somebody:
    """A resident with something in every collection."""

    device: Device
    resident_id: str
    holder: Holder


async def somebody(people: People, terminal: Terminal, sequence: str) -> Somebody:
    city, number = people.city, id_number(sequence=sequence)
    services = city.house.services
    resident_id = await people.register(number, PHONE, f"钟小{sequence[-1]}".translate(_DIGITS))
    await people.give_password(resident_id)
    device, holder = people.device(), await people.card_of(resident_id, sequence)
    for _ in range(2):
        assert (await device.sign_in(number))["__typename"] == "SessionTokens"
    phone = await city.phone(holder)
    await phone.renew()
    printing = Asking(resident_id, thumbprint(phone.key.public), None)
    sheet = await services[PaperCodes].make(printing, new_key(), local_day(city.clock.now()))
    assert not isinstance(sheet, Refusal), sheet
    await city.code(holder)
    at = city.clock.now()
    index = await city.card_index(holder)
    await terminal.upload(*(code_scan(at, index, counter) for counter in (7, 8)))
    await city.served(holder, CardEvent.SUSPEND)
    word = Attestation(Category.VETERAN, "退役军人事务局", date(2026, 1, 1), None)
    attested = await services[Concessions].attest(CLERK, new_key(), resident_id, word)
    assert not isinstance(attested, Refusal)
    await services[Unmasking].reveal(CLERK, new_key(), resident_id, ["name"], "核对身份")
    await join_household(resident_id, b"h" * 32)
    await device.do("GiveConsent", idempotencyKey=new_key(), purpose="face_check", version=1)
    await device.do("AcknowledgeNotice", idempotencyKey=new_key(), code="ecard", version=2)
    explained = {"field": "NAME", "value": "钟新名", "explanation": "户口本上是新名字"}
    await device.do("RequestCorrection", idempotencyKey=new_key(), **explained)
    await leave_a_merge(city.house, city.clock, resident_id, f"{sequence[0]}8{sequence[-1]}")
    await device.do("RequestClosing", idempotencyKey=new_key())
    await leave_a_booking(city.house, city.clock, resident_id, venue=int(sequence))
    await leave_a_pass(city.house, city.clock, resident_id)
    await leave_an_exam(city.house, city.clock, resident_id, sequence)
    await leave_a_payout_account(city.house, resident_id)
    await leave_a_subsidy(city.house, resident_id, f"copy-{sequence}")
    await leave_stored_value(city.house, city.clock, resident_id)
    await leave_a_book(city.house, city.clock, resident_id, sequence)
    await _choose_a_function(city, resident_id)
    await device.do("ChooseRecommendations", idempotencyKey=new_key(), personalised=True)
    await SafeCheck(
        id=resident_id,
        minute=600,
        contacts=["mnd_x"],
        due_at=city.clock.now() + timedelta(days=1),
        checked_at=city.clock.now(),
        missed_at=city.clock.now(),
    ).insert()
    await open_request(
        resident_id, at, until=at, decided_at=at, ended_at=at, state=RequestState.USED
    ).insert()
    await SurveySlip(
        id=f"scan{sequence}", resident_id=resident_id, venue=1, month="2026-11", until=at
    ).insert()
    await _offer_to_act(device, resident_id)
    await EligibilityReview(
        id=f"rev_{sequence}",
        resident_id=resident_id,
        state=ReviewState.KEPT,
        opened_at=at,
        due_at=at,
        decided_at=at,
        decided_by="stf_clerk",
    ).insert()
    await leave_a_case(city.house, city.clock, resident_id)
    await _rename(city, resident_id)
    await audit.record_read(_suspicion(resident_id, at))
    return Somebody(device, resident_id, holder)


_DIGITS = str.maketrans("123", "明华兰")


async def _choose_a_function(city: City, resident_id: str) -> None:
    services, name = city.house.services, LocalizedText("公共交通", "Public transport")
    since, status = city.clock.now(), FunctionStatus.OPEN
    transit = CardFunction("transit", PLATFORM, name, status, FunctionGrant.BY_DEFAULT, since)
    await services[FunctionRegistry].put(OPERATOR, new_key(), transit)
    await services[CardFunctions].disable(CLERK, new_key(), resident_id, "transit")


async def _offer_to_act(device: Device, resident_id: str) -> None:
    """Leave what mandates leave with a delegate."""
    wish = {"side": "DELEGATE", "relation": "ELDER", "days": 31}
    made = await device.do("InviteMandate", idempotencyKey=new_key(), **wish)
    mandate, at = made["mandate"]["id"], device.clock.now()
    words = LocalizedText("代办授权已生效", "A mandate is in force")
    sides = {"principal": "res_other", "delegate": resident_id}
    await HelpRequest(
        id="hlp_" + resident_id,
        mandate=mandate,
        topic=HelpTopic.TALK,
        asked_at=at,
        until=at,
        **sides,
    ).insert()

    async def leave(session: Session) -> None:
        await touch([resident_id], session)
        await tell("n1" + resident_id, [resident_id], mandate, "mandates.told", words, at, session)

    await audit.in_one_write(leave)


async def _rename(city: City, resident_id: str) -> None:
    """Leave what the population register's changes leave."""
    origin = Origin(source=Source.DOCUMENT, at=city.clock.now())
    residents = city.house.services[Residents]
    stored = await residents.stored(resident_id)
    assert stored is not None
    sealed = residents.seal("钟旧名", "former_name_0", stored)
    former = FormerName(sealed=sealed, origin=origin, until=city.clock.now())
    database = city.house.store.database
    await database["residents"].update_one(
        {"_id": resident_id}, {"$push": {"former_names": former.model_dump()}}
    )
    await database["resident_events"].insert_one(
        {
            "_id": f"c1:{resident_id}",
            "resident_id": resident_id,
            "kind": "resident_renamed",
            "at": city.clock.now(),
        }
    )


def _suspicion(resident_id: str, at: datetime) -> Deed:
    return Deed(
        at=at,
        actor=Actor(ActorKind.STAFF, "stf_clerk"),
        action="audit.own_household",
        words=LocalizedText("工作人员查阅了本人家庭成员", "Staff read one of their household"),
        system=System.COUNTER,
        subject=resident_id,
        organisation=PLATFORM,
        disclosed=False,
        alert=Alert.OWN_HOUSEHOLD,
    )


async def fetch(device: Device, path: str = JSON_PATH) -> httpx.Response:
    return await device.send("GET", path)


async def copied(device: Device) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the JSON copy by their records' code."""
    answer = await fetch(device)
    assert answer.status_code == 200, answer.text
    return {one["code"]: one["rows"] for one in answer.json()["records"]}


def plain(value: Any) -> Any:
    """Return a stored value as JSON has it."""
    return json.loads(
        json.dumps(
            value, default=lambda one: one.hex() if isinstance(one, bytes) else one.isoformat()
        )
    )


def mentions(value: Any, ids: set[str]) -> bool:
    if isinstance(value, Mapping):
        return any(mentions(one, ids) for one in value.values())
    if isinstance(value, list):
        return any(mentions(one, ids) for one in value)
    return isinstance(value, str) and value in ids


async def held(house: House, ids: set[str]) -> dict[str, list[Any]]:
    """Return every document of the whole store that names one of `ids` anywhere in it."""
    database = house.store.database
    found: dict[str, list[Any]] = {}
    for name in sorted(await database.list_collection_names()):
        async for document in database[name].find():
            if mentions(document, ids):
                found.setdefault(name, []).append(document)
    return found


@pytest.mark.feature("L8")
async def test_the_copy_equals_the_store_for_that_person(people: People, house: House) -> None:
    """Every document that names the person is in it, field by field, and nothing of others."""
    terminal = await people.city.terminal()
    one = await somebody(people, terminal, "901")
    other = await somebody(people, terminal, "902")
    rows = await copied(one.device)
    stored = await held(house, {one.resident_id, one.holder.card_id})

    # What names the person without being in the copy is said to be left out.
    catalogue = {records.collection: records for records in PERSONAL_DATA}
    assert stored.keys() - catalogue.keys() <= LEFT_OUT.keys()
    assert catalogue.keys() <= stored.keys()
    for collection, records in catalogue.items():
        documents = [row for row in stored[collection] if "alert" not in row]
        told = rows[records.code]
        assert len(told) == len(documents) > 0, collection
        for document in documents:
            # A card id stands in a copy's rows where the document's own id is withheld.
            expected = {
                field.key: plain(document.get(name))
                for name, field in records.told.items()
                if field.read is None
            }
            assert any(expected.items() <= row.items() for row in told), (collection, expected)
            assert document.keys() <= records.told.keys() | records.withheld.keys(), collection
    text = json.dumps(rows, ensure_ascii=False)
    assert other.resident_id not in text
    assert other.holder.card_id not in text
    assert id_number(sequence="902") not in text


async def test_what_is_sealed_is_told_in_the_clear_and_what_proves_is_not(
    people: People, house: House
) -> None:
    one = await somebody(people, await people.city.terminal(), "901")
    rows = await copied(one.device)

    [record], [card] = rows["residents.record"], rows["cards.cards"]
    assert (record["name"], record["number"]) == ("钟小明", id_number(sequence="901"))
    assert (record["birth"], record["phone"]) == ("1988-03-12", PHONE)
    assert [former["name"] for former in record["former_names"]] == ["钟旧名"]
    assert card["number"] == "D15600901"
    [case] = rows["rights.corrections"]
    assert (case["value"], case["explanation"]) == ("钟新名", "户口本上是新名字")
    assert rows["cards.attestations"][0]["attested"]["issuer"] == "退役军人事务局"
    text = json.dumps(rows)
    stored = await held(house, {one.resident_id, one.holder.card_id})
    secrets = [
        stored["accounts"][0]["password_hash"],
        *(row["refresh_hash"].hex() for row in stored["sessions"]),
        *(row["_id"] for row in stored["enrolment_codes"]),
        stored["residents"][0]["number_index"].hex(),
    ]
    assert [secret for secret in secrets if secret in text] == []
    # The person reads that staff looked, not who by name of account, nor the suspicion about them.
    assert "stf_" not in text
    assert "own_household" not in text
    assert any(row["words"]["zh"].startswith("查看了您未隐去的") for row in rows["audit.rows"])


@pytest.mark.usefixtures("house")  # which tells the documents their collections
async def test_every_field_of_every_collection_is_told_or_withheld_or_left_out() -> None:
    """A field or a collection that is added later must be declared, or this fails."""
    catalogue = {records.collection: records for records in PERSONAL_DATA}
    for document in DOCUMENTS:
        name = document.get_collection_name()
        if name not in catalogue:
            assert name in NOT_OF_RESIDENTS | LEFT_OUT.keys(), name
            continue
        assert name not in NOT_OF_RESIDENTS | LEFT_OUT.keys()
        records = catalogue[name]
        fields = {"_id" if one in {"id", "_id"} else one for one in document.model_fields}
        assert fields - {"revision_id"} == records.told.keys() | records.withheld.keys(), name
        assert not records.told.keys() & records.withheld.keys()


async def test_the_copy_is_a_deed_recorded_before_it_leaves(people: People, house: House) -> None:
    one = await people.signed_in()
    rows = await copied(one)

    found = await house.store.database["audit_rows"].find({"action": "rights.copied"}).to_list()
    [deed] = found
    assert (deed["actor"]["kind"], deed["result"], deed["disclosed"]) == ("resident", "ok", False)
    assert deed["_id"] in {row["id"] for row in rows["audit.rows"]}


async def test_only_the_person_themselves_gets_it(people: People, house: House) -> None:
    one, other = await people.signed_in("901"), await people.signed_in("902")
    [record] = (await copied(one))["residents.record"]
    [another] = (await copied(other))["residents.record"]
    assert record["id"] != another["id"]
    service = house.services[PersonalCopies]
    for caller in (Caller(resident_id=another["id"]), CLERK, replace(CLERK, roles=frozenset(Role))):
        refused = await service.copy(caller, record["id"])
        assert getattr(refused, "code", "") == "not_permitted"
    assert getattr(await service.copy(None, record["id"]), "code", "") == "sign_in_needed"
    rows = house.store.database["audit_rows"]
    tried = {"subject": record["id"], "result": "refused:not_permitted", "disclosed": True}
    assert await rows.count_documents(tried) == 3


@pytest.mark.parametrize("path", [JSON_PATH, PDF_PATH])
async def test_it_takes_the_key_and_the_token(people: People, path: str) -> None:
    one, thief = await people.signed_in(), people.device()
    bare = await one.client.get(path)
    assert (bare.status_code, bare.json()["code"]) == (401, "proof_missing")
    token_only = await one.client.get(path, headers={"Authorization": f"DPoP {one.access}"})
    assert token_only.status_code == 401
    assert (await fetch(thief, path)).json()["code"] == "sign_in_needed"
    thief.access = one.access
    assert (await fetch(thief, path)).json()["code"] == "token_invalid"
    clerk = await people.staff("clerk", Role.OUTLET_CLERK)
    await clerk.sign_in()
    refused = await fetch(clerk.device, path)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    good = await fetch(one, path)
    assert good.status_code == 200
    assert good.headers["Cache-Control"] == "no-store"
    assert (await one.client.post(path)).status_code == 405
    await one.do("SignOut")
    assert (await fetch(one, path)).json()["code"] == "session_ended"


async def test_copies_are_had_a_few_times_an_hour(people: People, city: City) -> None:
    one = await people.signed_in()
    statuses = [(await fetch(one)).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    city.clock.advance(3601)
    await one.renew_session()
    assert (await fetch(one)).status_code == 200


async def test_a_value_that_was_altered_stops_the_copy_without_a_word_of_it(
    people: People, house: House
) -> None:
    one = await people.signed_in()
    await house.store.database["residents"].update_many({}, {"$set": {"name_sealed": b"x" * 60}})
    answer = await fetch(one)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")


async def test_the_document_has_the_persons_values_and_a_font_of_its_own(
    people: People, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where the font lacks a character of the name: the log does not say which."""
    caplog.set_level(logging.DEBUG)
    one = await somebody(people, await people.city.terminal(), "901")
    answer = await fetch(one.device, PDF_PATH)

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert b"NotoSansSC" in answer.content
    written = written_in(await _copy(people, one))
    for text in ("钟小明", id_number(sequence="901"), PHONE, "D15600901", "退役军人事务局"):
        assert text in written
    rare = replace(await _copy(people, one), resident_id="\U00030edd\x00😀")
    caplog.clear()
    assert to_pdf(rare).startswith(b"%PDF-")
    assert "\U00030edd" not in caplog.text
    assert "30edd" not in caplog.text.lower()


def test_the_font_is_the_phones() -> None:
    assert FONT.read_bytes() == Path("mobile/assets/fonts", FONT.name).read_bytes()


def written_in(copy: PersonalCopy) -> str:
    """Return what `to_pdf` writes, line by line."""
    lines: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "backend.rights.copy_pdf._line",
            lambda _, text, size=10: lines.append(text),  # noqa: ARG005 - the real one's names
        )
        patch.setattr(
            "backend.rights.copy_pdf._fact",
            lambda _, label, value: lines.append(f"{label}: {value}"),
        )
        to_pdf(copy)
    return "\n".join(lines)


async def _copy(people: People, one: Somebody) -> PersonalCopy:
    service = people.city.house.services[PersonalCopies]
    copy = await service.copy(Caller(resident_id=one.resident_id))
    assert isinstance(copy, PersonalCopy)
    return copy


async def test_a_long_life_fits_the_document_and_says_what_it_leaves_to_the_json(
    people: People,
) -> None:
    one = await people.signed_in()
    [record] = (await copied(one))["residents.record"]
    deed = replace(_suspicion(record["id"], people.city.clock.now()), alert=None, disclosed=True)
    for _ in range(MOST_ROWS + 5):
        await audit.record_read(deed)
    copy = await people.city.house.services[PersonalCopies].copy(Caller(resident_id=record["id"]))
    assert isinstance(copy, PersonalCopy)
    rows = next(len(s.rows) for s in copy.sections if s.records.code == "audit.rows")
    assert f"{rows - MOST_ROWS} more stand in the JSON copy" in written_in(copy)
    assert json.loads(copy.to_json())["resident_id"] == record["id"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"zh": "馆", "en": "hall"}, "馆 hall"),
        ([{"a": 1}, {"a": b"\x01"}], "a 1 / a 01"),
        (datetime.fromisoformat("2026-11-22T00:00:00+00:00"), "2026-11-22 08:00:00"),
        (True, "是 yes"),
        ({}, ""),
        (7, "7"),
    ],
)
def test_values_read_well(value: object, text: str) -> None:
    assert readable(value) == text


async def test_every_query_has_its_index(
    people: People, house: House, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    one = await somebody(people, await people.city.terminal(), "901")
    sent.clear()
    assert (await fetch(one.device)).status_code == 200
    for name in ("PendingNotices", "ConsentPurposes", "ConsentReceipts"):
        await one.device.ask(name)
    page = (await one.device.ask("ConsentReceipts", first=1))["consentReceipts"]
    await one.device.ask("ConsentReceipts", after=page["pageInfo"]["endCursor"])
    for operation, more in (("GiveConsent", {"version": 1}), ("WithdrawConsent", {})):
        wish = {"idempotencyKey": new_key(), "purpose": "health_records", **more}
        await one.device.do(operation, **wish)
    await one.device.do("AcknowledgeNotice", idempotencyKey=new_key(), code="platform", version=2)
    read = [(name, command) for name, command in sent if name in READS]

    assert {command[name] for name, command in read} >= {r.collection for r in PERSONAL_DATA}
    for name, command in read:
        shown = {key: value for key, value in command.items() if key not in WITHOUT}
        plan = await house.store.database.command({"explain": shown, "verbosity": "queryPlanner"})
        winning = json.dumps(_winning(plan), default=str)
        assert "COLLSCAN" not in winning, (name, command)
        assert '"SORT"' not in winning, (name, command)


READS = {"find", "aggregate", "update", "findAndModify", "delete"}
WITHOUT = {
    "lsid",
    "$db",
    "$clusterTime",
    "txnNumber",
    "startTransaction",
    "autocommit",
    "readConcern",
}


def _winning(plan: Any) -> Any:
    if isinstance(plan, list):
        return [_winning(one) for one in plan]
    if not isinstance(plan, dict):
        return plan
    return {n: _winning(v) for n, v in plan.items() if n not in {"rejectedPlans", "command"}}
