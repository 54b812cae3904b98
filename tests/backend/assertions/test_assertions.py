"""The card in place of the identity card (S4): what a desk learns, and what it is refused."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from backend.assertions.evidence import EvidenceDesk
from backend.assertions.items import IdentityItems
from backend.assertions.rules import AssertedField, IdentityItem
from backend.assertions.service import IdentityAssertions
from backend.cards.lifecycle import CardEvent
from backend.demo_city import IDENTIFICATION_CODE
from backend.foundation.access import OPERATOR, Role
from backend.foundation.audit import Organisation
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from backend.residents.following import RegisterFollower
from backend.residents.register import ChangeKind
from backend.residents.sandbox import SandboxRegister
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.certificate import Certificate, issue_certificate
from shared.ecode.digits import to_digits
from shared.ecode.proof import counter_at, present
from shared.localized_text import LocalizedText
from tests.backend.accounts.actors import Employee, People
from tests.backend.actors import City, Holder, Phone, id_number, join_household, new_key
from tests.backend.cards.gate import certificate_in
from tests.backend.datause.test_data_use import owner
from tests.backend.test_indexes import EXPLAINED, _stages

HEX = IDENTIFICATION_CODE.hex()
LIBRARY = Organisation("360700-wl", LocalizedText("赣州市图书馆", "Ganzhou Library"))
HOUSING = Organisation("360700-zj", LocalizedText("赣州市住建局", "Ganzhou Housing Bureau"))
TELLS = {
    AssertedField.MASKED_NAME: "钟*明",
    AssertedField.NAME: "钟小明",
    AssertedField.MASKED_NUMBER: "3699**********9017",
    AssertedField.NUMBER: id_number(),
    AssertedField.BIRTH: "1988-03-12",
    AssertedField.AGE_BAND: "ADULT",
    AssertedField.CARD_STATE: "ACTIVE",
    AssertedField.REGION: "360700",
}
NEEDS: dict[str, tuple[AssertedField, ...]] = {
    "library-card": (AssertedField.MASKED_NAME, AssertedField.AGE_BAND),
    "housing-fund": (AssertedField.NAME, AssertedField.NUMBER, AssertedField.REGION),
    "queue-number": (),
    "everything": tuple(AssertedField),
    **{f"only-{one.value.replace('_', '-')}": (one,) for one in AssertedField},
}


@dataclass
class Person:
    """A holder with the phone that shows their code."""

    city: City
    holder: Holder
    phone: Phone
    certificate: Certificate

    def code(self, **changed: Any) -> str:
        """Return what the phone shows now."""
        seconds = int(self.city.clock.now().timestamp())
        proof = {"issued_at": seconds, "counter": counter_at(seconds), "challenge": bytes(4)}
        return to_digits(present(self.certificate, self.phone.key, **{**proof, **changed}))


async def put(services: Services, code: str, *fields: AssertedField) -> None:
    item = IdentityItem(code, LIBRARY, LocalizedText(f"事项{code}", f"item {code}"), fields)
    done = await services[IdentityItems].put(OPERATOR, new_key(), item)
    assert not isinstance(done, Refusal), done


@pytest.fixture
async def person(city: City) -> Person:
    holder = await city.holder()
    phone = city.stranger()
    certificate = certificate_in(await phone.enrol(await city.code(holder)))
    return Person(city, holder, phone, certificate)


@pytest.fixture
async def clerk(people: People) -> Employee:
    employee = await people.staff("xie.yu", Role.OUTLET_CLERK, sequence="811")
    await employee.sign_in()
    return employee


async def ask(desk: Employee, item: str, key: str | None = None, **shown: str) -> Any:
    wish = {"idempotencyKey": key or new_key(), "item": item, **shown}
    return await desk.device.do("AssertIdentity", **wish)


async def refused(desk: Employee, item: str, **shown: str) -> str:
    answer = await ask(desk, item, **shown)
    assert answer["__typename"] == "Refusal", answer
    assert answer["text"]["zh"]
    assert answer["nextStep"]["en"]
    return str(answer["code"])


def values(answer: Any) -> dict[str, str]:
    assert answer["__typename"] == "IdentityAsserted", answer
    return {one["field"]: one["value"] for one in answer["values"]}


@pytest.mark.feature("S4", "L1")
async def test_an_assertion_has_what_its_item_declares_and_nothing_else(
    services: Services, person: Person, clerk: Employee
) -> None:
    """On the wire, for every field alone, none, some and all; each value only where declared."""
    subjects = set()
    for code, fields in NEEDS.items():
        await put(services, code, *fields)
        person.city.clock.advance(5)
        for shown in ({"code": person.code()}, {"identificationCode": HEX}):
            answer = await ask(clerk, code, **shown)
            assert values(answer) == {one.name: TELLS[one] for one in fields}, code
            subjects.add(answer.pop("subject"))
            text = json.dumps(answer, ensure_ascii=False)
            others = [TELLS[one] for one in AssertedField if one not in fields]
            assert [value for value in others if value in text] == [], code
            assert person.holder.resident_id not in text
            assert person.holder.card_id not in text
            assert answer["authenticated"] is ("code" in shown)
    # One token an item, whatever was shown, and none of them leads to another.
    assert len(subjects) == len(NEEDS)
    assert person.holder.resident_id not in str(subjects)


async def test_a_card_without_a_psam_is_said_to_be_unproven(
    services: Services, person: Person, clerk: Employee
) -> None:
    await put(services, "library-card")
    by_card = await ask(clerk, "library-card", identificationCode=HEX)
    by_code = await ask(clerk, "library-card", code=person.code())

    assert (by_card["evidence"], by_card["authenticated"]) == ("CARD", False)
    assert "PSAM" in by_card["standing"]["zh"]
    assert (by_code["evidence"], by_code["authenticated"]) == ("CODE", True)


async def _suspend(person: Person) -> None:
    await person.city.served(person.holder, CardEvent.SUSPEND)


async def _lose(person: Person) -> None:
    await person.city.served(person.holder, CardEvent.REPORT_LOST)


async def _cancel(person: Person) -> None:
    await person.city.served(person.holder, CardEvent.CANCEL)


async def _die(person: Person) -> None:
    services = person.city.house.services
    services[SandboxRegister].report("c1", ChangeKind.DEATH, id_number())
    await services[RegisterFollower].follow()


async def _expire(person: Person) -> None:
    """The date on it is over, and no batch has run yet."""
    await person.city.house.store.database["cards"].update_one(
        {"_id": person.holder.card_id}, {"$set": {"expires_at": person.city.clock.now()}}
    )


async def _close(person: Person) -> None:
    await person.city.house.store.database["residents"].update_one(
        {"_id": person.holder.resident_id}, {"$set": {"closed_at": person.city.clock.now()}}
    )


@pytest.mark.feature("S4")
@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (_suspend, "card_suspended"),
        (_lose, "card_lost"),
        (_cancel, "card_cancelled"),
        (_die, "holder_died"),
        (_expire, "card_expired"),
        (_close, "holder_closed"),
    ],
)
async def test_a_card_that_does_not_count_proves_nobody_and_its_holder_learns_of_it(
    services: Services,
    person: Person,
    clerk: Employee,
    happens: Callable[[Person], Awaitable[None]],
    code: str,
) -> None:
    await put(services, "everything", *AssertedField)
    await happens(person)

    assert await refused(clerk, "everything", identificationCode=HEX) == code
    assert await refused(clerk, "everything", code=person.code()) == code
    rows = person.city.house.store.database["audit_rows"]
    row = await rows.find_one({"subject": person.holder.resident_id, "action": "assertions.made"})
    assert row is not None
    assert (row["result"], row["disclosed"]) == (f"refused:{code}", True)


@pytest.mark.feature("S4")
async def test_a_card_of_another_province_is_no_document_here_and_is_told_for_what_it_is(
    services: Services, person: Person, clerk: Employee
) -> None:
    await put(services, "everything", *AssertedField)
    foreign = await ask(clerk, "everything", identificationCode="310000" + HEX[6:])
    assert foreign["code"] == "card_of_another_region"
    assert "上海" in foreign["text"]["zh"]
    assert "只用于就医结算" in foreign["nextStep"]["zh"]

    issuer = SoftwareKey.generate(Algorithm.ED25519)
    claims = person.certificate.claims
    person.certificate = issue_certificate(replace(claims, region=310000), issuer)
    assert await refused(clerk, "everything", code=person.code()) == "card_of_another_region"


async def test_codes_that_do_not_hold_are_refused_for_their_reason(
    services: Services, person: Person, clerk: Employee
) -> None:
    await put(services, "everything", *AssertedField)
    city, right = person.city, person.code()
    forged = issue_certificate(person.certificate.claims, SoftwareKey.generate(Algorithm.ED25519))
    copy = Person(city, person.holder, city.stranger(), person.certificate)
    own = Person(city, person.holder, person.phone, forged)
    seconds = int(city.clock.now().timestamp())
    cases = {
        "not_ours": "weixin://pay?id=1",
        "stale": person.code(issued_at=seconds - 60),
        "clock_ahead": person.code(issued_at=seconds + 60),
        "wrong_venue": person.code(venue=7),
        "certificate_forged": own.code(),
        "proof_forged": copy.code(),
    }
    for reason, code in cases.items():
        assert await refused(clerk, "everything", code=code) == reason
    await services[IdentityItems].put(OPERATOR, new_key(), _item("shut", open_=False))
    for item in ("shut", "none", "$where", ""):
        assert await refused(clerk, item, code=right) == "item_unknown"
    for shown in ({}, {"code": right, "identificationCode": HEX}, {"identificationCode": "zz"}):
        assert await refused(clerk, "everything", **shown) == "evidence_form"
    unknown = HEX[:16] + "99999999" + HEX[24:]
    assert await refused(clerk, "everything", identificationCode=unknown) == "card_not_found"
    assert values(await ask(clerk, "everything", code=right))  # none of it used the showing up

    await person.city.house.store.database["cards"].update_one(
        {"_id": person.holder.card_id}, {"$set": {"devices.0.state": "UNBOUND"}}
    )
    city.clock.advance(5)
    assert await refused(clerk, "everything", code=person.code()) == "device_unbound"


def _item(code: str, *, open_: bool = True, department: Organisation = LIBRARY) -> IdentityItem:
    return IdentityItem(code, department, LocalizedText("事项", "Item"), (), open_)


async def test_one_showing_serves_one_assertion_and_a_repeated_request_is_the_same_one(
    services: Services, person: Person, clerk: Employee
) -> None:
    await put(services, "library-card", AssertedField.NAME)
    earlier = person.code()
    person.city.clock.advance(5)
    code, key = person.code(), new_key()
    first = await ask(clerk, "library-card", key, code=code)
    person.city.clock.advance(1)
    again = await ask(clerk, "library-card", key, code=code)

    assert values(first) == values(again) == {"NAME": "钟小明"}
    assert (again["subject"], again["assertedAt"]) == (first["subject"], first["assertedAt"])
    assert await refused(clerk, "library-card", code=code) == "code_shown_before"
    assert await refused(clerk, "library-card", code=earlier) == "code_shown_before"
    other = await ask(clerk, "library-card", key, identificationCode=HEX)
    assert other["code"] == "idempotency_key_reused"
    rows = person.city.house.store.database["audit_rows"]
    made = {"action": "assertions.made", "result": "ok"}
    assert await rows.count_documents(made) == 1
    kept = await person.city.house.store.database["kept_answers"].find().to_list()
    assert "钟小明" not in str(kept)
    assert id_number() not in str(kept)

    person.city.clock.advance(5 * 60)
    over = await ask(clerk, "library-card", key, code=code)
    assert over["code"] == "assertion_over"


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_code_shown_at_two_desks_at_once_serves_one(
    services: Services,
    person: Person,
    clerk: Employee,
    monkeypatch: pytest.MonkeyPatch,
    guarded: bool,
) -> None:
    """The control: without the guard both desks get an answer."""
    await put(services, "library-card", AssertedField.NAME)
    if not guarded:

        async def let(*_: object) -> None:
            return None

        monkeypatch.setattr(EvidenceDesk, "take", let)
    code = person.code()

    answers = await asyncio.gather(*(ask(clerk, "library-card", code=code) for _ in range(6)))

    kinds = [one.get("code", "done") for one in answers]
    assert kinds.count("done") == (1 if guarded else 6), kinds
    assert set(kinds) <= {"done", "code_shown_before"}


async def test_the_person_finds_it_in_their_list_with_the_items_name(
    services: Services, person: Person, clerk: Employee
) -> None:
    await put(services, "library-card", AssertedField.MASKED_NAME)
    await ask(clerk, "library-card", code=person.code())

    uses = await (await owner(person.city, person.holder.resident_id)).uses()

    words = uses["nodes"][0]["action"]
    assert "事项library-card" in words["zh"]
    assert "姓名（隐去部分）" in words["zh"]
    assert "item library-card" in words["en"]


async def test_a_clerk_who_asserts_their_own_family_raises_an_alert(
    services: Services, person: Person, clerk: Employee
) -> None:
    await put(services, "library-card")
    for member in (clerk.staff_id, person.holder.resident_id):
        await join_household(member, b"h" * 32)
    await ask(clerk, "library-card", code=person.code())

    rows = person.city.house.store.database["audit_rows"]
    assert await rows.count_documents({"alert": "own_household"}) == 1


async def test_officers_use_their_departments_items_and_other_posts_none(
    services: Services, person: Person, people: People
) -> None:
    items = services[IdentityItems]
    await items.put(OPERATOR, new_key(), _item("housing-fund", department=HOUSING))
    outlets = Organisation("360702-01", LocalizedText("章贡区服务网点", "Zhanggong outlet"))
    await items.put(OPERATOR, new_key(), _item("own-item", department=outlets))
    officer = await people.staff("li.officer", Role.DEPARTMENT_OFFICER, sequence="812")
    await officer.sign_in()
    listed = (await officer.device.ask("IdentityItems"))["identityItems"]["nodes"]
    assert [one["code"] for one in listed] == ["own-item"]
    assert await refused(officer, "housing-fund", code=person.code()) == (
        "item_of_another_department"
    )
    assert (await ask(officer, "own-item", code=person.code()))["subject"]

    guard = await people.staff("wu.guard", Role.VENUE_STAFF, sequence="813")
    await guard.sign_in()
    assert await refused(guard, "own-item", identificationCode=HEX) == "not_permitted"
    assert (await guard.device.ask("IdentityItems"))["identityItems"]["code"] == "not_permitted"
    own = await people.signed_in("921")
    wish = {"idempotencyKey": new_key(), "item": "own-item", "identificationCode": HEX}
    assert (await own.do("AssertIdentity", **wish))["code"] == "not_permitted"
    assert (await people.device().do("AssertIdentity", **wish))["code"] == "sign_in_needed"


@pytest.mark.feature("S121")
@pytest.mark.usefixtures("person")
async def test_a_desk_asserts_as_often_as_it_may_read_in_an_hour(
    services: Services, clerk: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: Any = services[IdentityAssertions]._limits
    monkeypatch.setattr(limits, "_policy", replace(limits._policy, staff_reads_per_hour=3))
    await put(services, "library-card")
    answers = [await ask(clerk, "library-card", identificationCode=HEX) for _ in range(4)]

    assert answers[2]["__typename"] == "IdentityAsserted"
    assert answers[3]["code"] == "reads_too_many"


@pytest.mark.parametrize(
    "item",
    [
        IdentityItem("Big", LIBRARY, LocalizedText("事项", "Item"), ()),
        IdentityItem("item", LIBRARY, LocalizedText("", "Item"), ()),
        IdentityItem("item", LIBRARY, LocalizedText("x" * 41, "Item"), ()),
        IdentityItem("item", LIBRARY, LocalizedText(id_number(), "Item"), ()),
        IdentityItem("item", LIBRARY, LocalizedText("事项", "Item"), (AssertedField.NAME,) * 2),
    ],
)
async def test_an_item_of_a_wrong_form_is_refused(services: Services, item: IdentityItem) -> None:
    done = await services[IdentityItems].put(OPERATOR, new_key(), item)
    assert isinstance(done, Refusal)
    assert done.code == "item_form"


async def test_every_query_has_its_index(
    services: Services, person: Person, clerk: Employee, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    await put(services, "library-card", AssertedField.NAME)
    sent.clear()
    for shown in ({"code": person.code()}, {"identificationCode": HEX}):
        await ask(clerk, "library-card", **shown)
    own = {"identity_items", "shown_codes", "cards", "residents"}
    ours = [c for name, c in list(sent) if name in EXPLAINED and c[name] in own]
    assert {next(iter(command.values())) for command in ours} == own
    house = person.city.house
    assert [c for c in ours if "COLLSCAN" in await _stages(house, c)] == []
