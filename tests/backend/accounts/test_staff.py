import asyncio

import pyotp
import pytest

from backend.accounts.documents import Staff
from backend.accounts.second_factor import matching_step, recovery_codes_of
from backend.accounts.staff import FirstCredentials, NewStaff, StaffAccounts
from backend.accounts.staff_rights import StaffRights
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.refusals import Refusal
from shared.clock import ManualClock
from tests.backend.accounts.actors import OUTLET, PASSWORD, Employee, People
from tests.backend.actors import document, id_number, new_key

OFFICERS = [Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR]


@pytest.fixture
def register(people: People) -> StaffAccounts:
    return people.city.house.services[StaffAccounts]


@pytest.fixture
def rights(people: People) -> StaffRights:
    return people.city.house.services[StaffRights]


@pytest.fixture
async def clerk(people: People) -> Employee:
    return await people.staff("xie.yu", Role.OUTLET_CLERK)


def _new(login: str, sequence: str, *roles: Role) -> NewStaff:
    return NewStaff(login, id_number(sequence=sequence), "谢雨", OUTLET, frozenset(roles))


async def _roles(login: str) -> list[str]:
    found = await Staff.find_one({"login": login})
    assert found is not None
    return found.roles


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ],
)
def test_the_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """Appendix B: SHA-1, the ASCII secret 12345678901234567890."""
    totp = pyotp.TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", digits=8)

    assert totp.at(seconds) == code


@pytest.mark.feature("L17")
async def test_staff_sign_in_with_both_factors_and_get_their_roles(clerk: Employee) -> None:
    answer = await clerk.sign_in()

    assert answer["roles"] == ["outlet_clerk"]
    [session] = (await clerk.device.do("Sessions"))["nodes"]
    assert session["method"] == "PASSWORD_AND_TOTP"


async def test_what_is_wrong_is_not_told(people: People, clerk: Employee) -> None:
    answers = []
    for login, password, code in (
        (clerk.login, "wrong password", clerk.code()),
        (clerk.login, clerk.password, "000000" if clerk.code() != "000000" else "000001"),
        ("nobody", clerk.password, clerk.code()),
        ("", "", ""),
    ):
        wish = {"idempotencyKey": new_key(), "login": login, "password": password}
        answers.append(await people.device().do("SignInStaff", **wish, code=code, deviceName="x"))

    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["code"] == "credentials_wrong"


async def test_a_code_counts_once(clerk: Employee, clock: ManualClock) -> None:
    code = clerk.code()
    assert (await clerk.sign_in(code))["__typename"] == "SessionTokens"
    assert (await clerk.sign_in(code))["code"] == "credentials_wrong"
    clock.advance(30)
    assert (await clerk.sign_in())["__typename"] == "SessionTokens"
    assert (await clerk.sign_in(code))["code"] == "credentials_wrong"


async def test_a_code_sent_twice_at_once_counts_once(clerk: Employee) -> None:
    code = clerk.code()

    answers = await asyncio.gather(*(clerk.sign_in(code) for _ in range(4)))

    kinds = sorted(answer["__typename"] for answer in answers)
    assert kinds == ["Refusal"] * 3 + ["SessionTokens"]


async def test_the_same_request_again_is_the_same_session(clerk: Employee) -> None:
    code, key = clerk.code(), new_key()
    first = await clerk.sign_in(code, key)

    assert (await clerk.sign_in(code, key))["sessionId"] == first["sessionId"]


async def test_a_clock_half_a_minute_off_is_forgiven_and_more_is_not(
    clerk: Employee, clock: ManualClock
) -> None:
    code = clerk.code()
    clock.advance(30)
    assert (await clerk.sign_in(code))["__typename"] == "SessionTokens"
    old = clerk.code()
    clock.advance(61)
    assert (await clerk.sign_in(old))["code"] == "credentials_wrong"


async def test_a_recovery_code_counts_once(clerk: Employee) -> None:
    code = clerk.recovery_codes[0]
    shown = f" {code[:5].upper()}-{code[5:]} "

    first = await clerk.sign_in(shown)

    assert first["__typename"] == "SessionTokens"
    assert (await clerk.sign_in(code))["code"] == "credentials_wrong"
    assert (await clerk.sign_in(clerk.recovery_codes[1]))["__typename"] == "SessionTokens"


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "１２３４５６", "x" * 9999, "\u0000", "\ud800"]
)
async def test_what_is_no_code(clerk: Employee, code: str) -> None:
    assert (await clerk.sign_in(code))["code"] == "credentials_wrong"


async def test_guessing_codes_locks_the_account(clerk: Employee, clock: ManualClock) -> None:
    codes = [(await clerk.sign_in(f"{n:06}"))["code"] for n in range(7)]

    assert codes == ["credentials_wrong"] * 5 + ["sign_in_locked"] * 2
    assert (await clerk.sign_in())["code"] == "sign_in_locked"
    clock.advance(900)
    assert (await clerk.sign_in())["__typename"] == "SessionTokens"


async def test_before_the_first_password_is_changed_there_are_no_roles(people: People) -> None:
    new = await people.staff("xie.yu", Role.OUTLET_CLERK, first=True)
    assert (await new.sign_in())["roles"] == []

    done = await new.device.do("SetPassword", currentPassword=new.password, newPassword=PASSWORD)

    assert done["__typename"] == "PasswordSet"
    assert (await new.device.post(document("Sessions"))).json()["code"] == "session_ended"
    new.password, new.device.access = PASSWORD, None
    people.city.clock.advance(60)
    assert (await new.sign_in())["roles"] == ["outlet_clerk"]


async def test_staff_passwords_follow_the_same_rules(clerk: Employee) -> None:
    await clerk.sign_in()
    wish = {"currentPassword": clerk.password, "newPassword": "xie.yu 12345"}

    assert (await clerk.device.do("SetPassword", **wish))["code"] == "password_personal"


@pytest.mark.feature("L17", "L18")
@pytest.mark.parametrize("first", OFFICERS)
@pytest.mark.parametrize("second", OFFICERS)
async def test_one_person_never_holds_two_officers_posts(
    people: People, register: StaffAccounts, rights: StaffRights, first: Role, second: Role
) -> None:
    """三员分立 (L17), by granting, by adding, and by a second account of the same person."""
    await people.staff("officer", first)
    if first == second:
        assert await rights.grant(OPERATOR, new_key(), "officer", second) is None
        return

    granted = await rights.grant(OPERATOR, new_key(), "officer", second)
    added = await register.add(OPERATOR, new_key(), _new("both", "803", first, second))
    again = await register.add(OPERATOR, new_key(), _new("other.login", "801", second))

    assert isinstance(granted, Refusal)
    assert granted.code == "officers_exclude"
    assert isinstance(added, Refusal)
    assert added.code == "officers_exclude"
    assert isinstance(again, Refusal)
    assert again.code == "staff_exists"
    assert await _roles("officer") == [first]


@pytest.mark.feature("L17", "L18")
async def test_two_officers_posts_given_at_once__one_is_refused(
    people: People, rights: StaffRights
) -> None:
    await people.staff("officer")

    answers = await asyncio.gather(
        *(rights.grant(OPERATOR, new_key(), "officer", r) for r in OFFICERS)
    )

    assert [answer is None for answer in answers].count(True) == 1
    assert len(await _roles("officer")) == 1


async def test_a_post_that_was_taken_away_makes_room_for_another(
    people: People, rights: StaffRights
) -> None:
    """The control."""
    await people.staff("officer", Role.AUDITOR, Role.OUTLET_CLERK)
    assert await rights.revoke(OPERATOR, new_key(), "officer", Role.AUDITOR) is None
    assert await rights.grant(OPERATOR, new_key(), "officer", Role.SECURITY_OFFICER) is None

    assert await _roles("officer") == ["outlet_clerk", "security_officer"]


async def test_changed_rights_end_the_sessions(clerk: Employee, rights: StaffRights) -> None:
    await clerk.sign_in()
    assert await rights.revoke(OPERATOR, new_key(), clerk.login, Role.OUTLET_CLERK) is None

    assert (await clerk.device.post(document("Sessions"))).json()["code"] == "session_ended"
    assert (await clerk.device.renew_session())["code"] == "session_ended"


async def test_a_disabled_account_signs_in_no_more(
    clerk: Employee, rights: StaffRights, clock: ManualClock
) -> None:
    await clerk.sign_in()
    assert await rights.disable(OPERATOR, new_key(), clerk.login) is None

    assert (await clerk.device.post(document("Sessions"))).json()["code"] == "session_ended"
    clock.advance(60)
    clerk.device.access = None
    assert (await clerk.sign_in())["code"] == "credentials_wrong"
    assert await _roles(clerk.login) == []


@pytest.mark.feature("L19")
@pytest.mark.parametrize("change", [{"roles": ["auditor", "outlet_clerk"]}, {"state": "active"}])
async def test_rights_altered_in_the_store_are_found_out(
    clerk: Employee, rights: StaffRights, clock: ManualClock, change: dict[str, object]
) -> None:
    """A row of rights carries a keyed proof (GB/T 39786 §8.4 e, L19)."""
    if "state" in change:
        await rights.disable(OPERATOR, new_key(), clerk.login)
    await Staff.get_pymongo_collection().update_one({"login": clerk.login}, {"$set": change})
    clock.advance(60)

    assert (await clerk.sign_in())["code"] == "credentials_wrong"


def _caller(*roles: Role) -> Caller:
    return Caller(staff_id="stf_somebody", roles=frozenset(roles))


@pytest.mark.parametrize("role", [None, *Role])
async def test_each_act_is_checked_in_the_service(
    people: People, register: StaffAccounts, rights: StaffRights, role: Role | None
) -> None:
    """三员分立: who adds accounts gives no roles; who gives roles adds no accounts."""
    await people.staff("xie.yu")
    caller = None if role is None else _caller(role)

    done = {
        "add": await register.add(caller, new_key(), _new("new.one", "803")),
        "add with a role": await register.add(
            caller, new_key(), _new("new.two", "805", Role.VENUE_STAFF)
        ),
        "grant": await rights.grant(caller, new_key(), "xie.yu", Role.VENUE_STAFF),
        "revoke": await rights.revoke(caller, new_key(), "xie.yu", Role.VENUE_STAFF),
        "disable": await rights.disable(caller, new_key(), "xie.yu"),
        "enable": await rights.enable(caller, new_key(), "xie.yu"),
        "unlock": await rights.unlock(caller, new_key(), "xie.yu"),
        "list": await register.page(caller, 10, None),
    }

    allowed = {name for name, answer in done.items() if not isinstance(answer, Refusal)}
    expected = {
        Role.SYSTEM_ADMINISTRATOR: {"add", "disable", "enable", "unlock", "list"},
        Role.SECURITY_OFFICER: {"grant", "revoke", "disable", "unlock", "list"},
        Role.AUDITOR: {"list"},
    }
    assert allowed == (expected.get(role, set()) if role else set())


async def test_nobody_changes_their_own_rights(people: People, rights: StaffRights) -> None:
    """S119: an administrator edits no record of their own."""
    officer = await people.staff("officer", Role.SECURITY_OFFICER)
    caller = Caller(staff_id=officer.staff_id, roles=frozenset({Role.SECURITY_OFFICER}))

    for answer in (
        await rights.grant(caller, new_key(), "officer", Role.OUTLET_CLERK),
        await rights.revoke(caller, new_key(), "officer", Role.SECURITY_OFFICER),
        await rights.disable(caller, new_key(), "officer"),
    ):
        assert isinstance(answer, Refusal)
        assert answer.code == "own_rights"


async def test_acts_on_staff_leave_a_trace(people: People, rights: StaffRights) -> None:
    await people.staff("xie.yu")
    await rights.grant(OPERATOR, new_key(), "xie.yu", Role.VENUE_STAFF)
    await rights.grant(OPERATOR, new_key(), "xie.yu", Role.VENUE_STAFF)  # changes nothing
    await rights.disable(OPERATOR, new_key(), "xie.yu")

    rows = await people.city.house.store.database["audit_rows"].find().to_list()
    actions = [row["action"] for row in rows if row["actor"]["id"] == "operator"]
    assert actions == ["accounts.staff_added", "accounts.role_granted", "accounts.staff_disabled"]


@pytest.mark.parametrize(
    ("login", "number", "code"),
    [
        ("a", id_number(sequence="803"), "staff_login_form"),
        ("new.one", "123", None),
        ("xie.yu", id_number(sequence="803"), "staff_exists"),
    ],
)
async def test_an_account_that_cannot_be_made(
    people: People, register: StaffAccounts, login: str, number: str, code: str | None
) -> None:
    await people.staff("xie.yu")
    made = await register.add(
        OPERATOR, new_key(), NewStaff(login, number, "谢雨", OUTLET, frozenset())
    )

    assert isinstance(made, Refusal)
    assert code is None or made.code == code


async def test_the_store_holds_no_secret(people: People, clerk: Employee) -> None:
    rows = str(await people.city.house.store.database["staff"].find().to_list())

    for secret in (clerk.password, clerk.secret, clerk.recovery_codes[0], "谢雨", id_number()):
        assert secret not in rows


def test_first_credentials_are_not_shown_by_repr() -> None:
    shown = repr(FirstCredentials("stf_x", "pass", "secret", "otpauth://x", ("code",)))

    assert shown == "FirstCredentials(staff_id='stf_x')"


def test_recovery_codes_differ_and_are_no_time_codes(clock: ManualClock) -> None:
    codes = recovery_codes_of(b"s" * 32)

    assert len(set(codes)) == 8
    assert all(matching_step(pyotp.random_base32(), code, clock.now()) is None for code in codes)
