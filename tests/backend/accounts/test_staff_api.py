"""Officers look after staff over the wire; each act once, written down, and never on oneself."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from backend.accounts.documents import Staff
from backend.accounts.second_factor import code_at
from backend.foundation.access import Role
from tests.backend.accounts.actors import PASSWORD, Employee, People
from tests.backend.actors import id_number, new_key

OFFICERS = [Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR]
NAME = "谢雨晴"


async def _officer(people: People, role: Role, sequence: str = "811") -> Employee:
    officer = await people.staff(f"{role.value.replace('_', '.')}", role, sequence=sequence)
    await officer.sign_in()
    return officer


async def _add(officer: Employee, login: str = "xie.yu", **changed: Any) -> Any:
    wish = {
        "idempotencyKey": new_key(),
        "login": login,
        "number": id_number(sequence="821"),
        "name": NAME,
        "organisationCode": "360702-01",
        "organisationZh": "章贡区服务网点",
        "organisationEn": "Zhanggong outlet",
        **changed,
    }
    return await officer.device.do("AddStaff", **wish)


async def _act(officer: Employee, operation: str, login: str = "xie.yu", **more: Any) -> Any:
    wish = {"idempotencyKey": new_key(), "login": login, **more}
    return await officer.device.do(operation, **wish)


def _code(answer: Any) -> str:
    return str(answer.get("code", "done"))


@pytest.fixture
async def administrator(people: People) -> Employee:
    return await _officer(people, Role.SYSTEM_ADMINISTRATOR)


@pytest.fixture
async def security(people: People) -> Employee:
    return await _officer(people, Role.SECURITY_OFFICER, "813")


@pytest.mark.feature("S119")
async def test_one_adds_another_gives_the_post_and_the_new_one_works(
    people: People, administrator: Employee, security: Employee
) -> None:
    """三员分立 (L17), from the account to the first day at work."""
    made = await _add(administrator)
    assert made["__typename"] == "StaffAdded", made
    granted = await _act(security, "GrantRole", role="OUTLET_CLERK")
    assert granted["__typename"] == "StaffChanged", granted

    secret = parse_qs(urlparse(made["totpUri"]).query)["secret"][0]
    new = Employee(
        made["id"],
        "xie.yu",
        made["firstPassword"],
        secret,
        tuple(made["recoveryCodes"]),
        people.device(),
    )
    assert (await new.sign_in())["roles"] == []
    done = await new.device.do("SetPassword", currentPassword=new.password, newPassword=PASSWORD)
    assert done["__typename"] == "PasswordSet"
    people.city.clock.advance(60)
    new.password, new.device.access = PASSWORD, None
    assert (await new.sign_in())["roles"] == ["outlet_clerk"]
    rows = await people.city.house.store.database["audit_rows"].find().to_list()
    acts = {row["action"]: row["actor"]["id"] for row in rows}
    assert acts["accounts.staff_added"] == administrator.staff_id
    assert acts["accounts.role_granted"] == security.staff_id


async def test_whoever_lost_the_answer_gets_the_same_credentials(
    people: People, administrator: Employee
) -> None:
    key = new_key()
    first = await _add(administrator, idempotencyKey=key)

    assert await _add(administrator, idempotencyKey=key) == first
    assert len(first["recoveryCodes"]) == 8
    reused = await _add(administrator, idempotencyKey=key, login="other.one")
    assert reused["code"] == "idempotency_key_reused"
    assert (await _add(administrator))["code"] == "staff_exists"
    stored = str(await people.city.house.store.database["kept_answers"].find().to_list())
    stored += str(await people.city.house.store.database["staff"].find().to_list())
    for secret in (first["firstPassword"], first["recoveryCodes"][0], NAME):
        assert secret not in stored


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"login": "X!"}, "staff_login_form"),
        ({"name": "谢雨1"}, "name_form"),
        ({"organisationCode": "a b"}, "organisation_form"),
        ({"organisationZh": ""}, "organisation_form"),
        ({"organisationEn": "call 13970700001"}, "organisation_form"),
        ({"organisationEn": "x" * 51}, "organisation_form"),
        ({"idempotencyKey": "short"}, "idempotency_key_form"),
    ],
)
async def test_what_is_wrong_is_named(
    administrator: Employee, changed: dict[str, str], code: str
) -> None:
    assert (await _add(administrator, **changed))["code"] == code


@pytest.mark.feature("S119")
async def test_nobody_acts_on_their_own_account(security: Employee) -> None:
    own = security.login

    answers = [
        await _act(security, "GrantRole", own, role="OUTLET_CLERK"),
        await _act(security, "RevokeRole", own, role="SECURITY_OFFICER"),
        await _act(security, "DisableStaff", own),
        await _act(security, "UnlockStaff", own),
    ]

    assert {_code(answer) for answer in answers} == {"own_rights"}


async def test_two_officers_posts_given_at_once_over_the_wire__one_is_refused(
    people: People, security: Employee
) -> None:
    await people.staff("xie.yu", sequence="821")

    answers = await asyncio.gather(
        *(_act(security, "GrantRole", role=role.name) for role in OFFICERS)
    )

    assert sorted(map(_code, answers)) == ["done", "officers_exclude", "officers_exclude"]
    found = await Staff.find_one({"login": "xie.yu"})
    assert found is not None
    assert len(found.roles) == 1


async def test_without_the_condition_the_race_would_be_lost(people: People) -> None:
    """The negative control: reading the roles and writing them back gives one person two posts."""
    await people.staff("xie.yu", sequence="821")
    rows = Staff.get_pymongo_collection()

    async def unguarded(role: Role) -> None:
        found = await rows.find_one({"login": "xie.yu"})
        assert found is not None
        assert not set(found["roles"]) & set(OFFICERS)
        await asyncio.sleep(0.05)
        await rows.update_one({"login": "xie.yu"}, {"$push": {"roles": role.value}})

    await asyncio.gather(*map(unguarded, OFFICERS))

    found = await rows.find_one({"login": "xie.yu"})
    assert found is not None
    assert len(found["roles"]) == 3


async def test_a_disabled_account_gets_no_post_before_it_is_enabled(
    people: People, administrator: Employee, security: Employee
) -> None:
    await people.staff("xie.yu", Role.VENUE_STAFF, sequence="821")
    await _act(administrator, "DisableStaff")
    refused = await _act(security, "GrantRole", role="AUDITOR")
    await _act(administrator, "EnableStaff")
    granted = await _act(security, "GrantRole", role="AUDITOR")

    assert (_code(refused), _code(granted)) == ("staff_disabled", "done")
    found = await Staff.find_one({"login": "xie.yu"})
    assert found is not None
    assert found.roles == ["auditor"]


async def test_an_officer_ends_a_lock(people: People, administrator: Employee) -> None:
    clerk = await people.staff("xie.yu", Role.OUTLET_CLERK, sequence="821")
    for number in range(6):
        await clerk.sign_in(f"{number:06}")
    assert (await clerk.sign_in())["code"] == "sign_in_locked"

    assert _code(await _act(administrator, "UnlockStaff")) == "done"

    assert (await clerk.sign_in())["__typename"] == "SessionTokens"
    row = await people.city.house.store.database["audit_rows"].find_one(
        {"action": "accounts.staff_unlocked"}
    )
    assert row is not None
    assert _code(await _act(administrator, "UnlockStaff", "nobody.here")) == "staff_unknown"


async def test_the_list_comes_in_pages_masked(people: People, administrator: Employee) -> None:
    for sequence in ("831", "833", "835"):
        await people.staff(f"clerk.{sequence}", Role.OUTLET_CLERK, sequence=sequence, first=True)
        people.city.clock.advance(1)

    first = (await administrator.device.ask("Staff", first=2))["staff"]
    rest = await administrator.device.ask("Staff", first=9, after=first["pageInfo"]["endCursor"])

    logins = [one["login"] for one in (*first["nodes"], *rest["staff"]["nodes"])]
    assert logins == ["clerk.835", "clerk.833", "clerk.831", "system.administrator"]
    assert first["pageInfo"]["hasNextPage"] is True
    assert first["nodes"][0]["maskedName"] == "谢*"
    assert first["nodes"][0]["roles"] == ["OUTLET_CLERK"]


async def test_an_authenticator_is_changed_by_its_own_code(people: People) -> None:
    clerk = await people.staff("xie.yu", Role.OUTLET_CLERK, sequence="821")
    await clerk.sign_in()
    clock = people.city.clock
    wrong = await clerk.device.do(
        "BeginTotpSetup",
        idempotencyKey=new_key(),
        password="not my password",  # noqa: S106 - a wrong one
    )
    none = await clerk.device.do("ConfirmTotp", idempotencyKey=new_key(), code="123456")
    begun = await clerk.device.do("BeginTotpSetup", idempotencyKey=new_key(), password=PASSWORD)
    secret = parse_qs(urlparse(begun["totpUri"]).query)["secret"][0]
    clock.advance(30)
    old = await clerk.device.do("ConfirmTotp", idempotencyKey=new_key(), code=clerk.code())
    clock.advance(30)
    key, code = new_key(), code_at(secret, clock.now())
    done = await clerk.device.do("ConfirmTotp", idempotencyKey=key, code=code)
    again = await clerk.device.do("ConfirmTotp", idempotencyKey=key, code=code)

    assert (wrong["code"], none["code"]) == ("current_password_wrong", "totp_setup_missing")
    assert old["code"] == "totp_code_wrong"
    assert done["__typename"] == again["__typename"] == "TotpConfirmed"
    clock.advance(30)
    clerk.device.access = None
    assert (await clerk.sign_in())["code"] == "credentials_wrong"
    clerk.secret = secret
    assert (await clerk.sign_in())["__typename"] == "SessionTokens"


async def test_new_recovery_codes_void_the_old_ones(people: People) -> None:
    clerk = await people.staff("xie.yu", Role.OUTLET_CLERK, sequence="821")
    await clerk.sign_in()
    key = new_key()

    made = await clerk.device.do("RenewRecoveryCodes", idempotencyKey=key, password=PASSWORD)
    again = await clerk.device.do("RenewRecoveryCodes", idempotencyKey=key, password=PASSWORD)

    assert made["codes"] == again["codes"]
    clerk.device.access = None
    assert (await clerk.sign_in(clerk.recovery_codes[0]))["code"] == "credentials_wrong"
    assert (await clerk.sign_in(made["codes"][0]))["__typename"] == "SessionTokens"


async def test_a_resident_has_no_second_factor_to_change(people: People) -> None:
    device = await people.signed_in()

    for operation in ("BeginTotpSetup", "RenewRecoveryCodes"):
        refused = await device.do(operation, idempotencyKey=new_key(), password=PASSWORD)
        assert refused["code"] == "sign_in_needed"
