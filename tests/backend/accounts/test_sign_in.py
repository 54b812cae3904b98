import asyncio
import statistics
import time
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher

from backend.accounts.documents import Account
from backend.accounts.passwords import Passwords
from backend.figures import AccountPolicy
from backend.settings import StartRefused, read_settings
from shared.clock import LOCAL_ZONE, ManualClock
from tests.backend.accounts.actors import PASSWORD, Device, People, aliased
from tests.backend.actors import id_number

PHONE = "13970700001"


@pytest.fixture
def hashings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The password work done: the parameters of each hash that was compared with."""
    done: list[str] = []
    real = PasswordHasher.verify

    def verify(hasher: PasswordHasher, compared: str, password: str) -> Any:
        done.append(compared.rpartition("$")[0].rpartition("$")[0])
        return real(hasher, compared, password)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    return done


async def test_a_resident_signs_in_by_number_or_phone(people: People) -> None:
    number = id_number(sequence="907")
    resident_id = await people.register(number, PHONE)
    await people.give_password(resident_id)

    for login in (number, number.lower(), f" {number} ", PHONE, f"+86 {PHONE}"):
        assert (await people.device().sign_in(login))["__typename"] == "SessionTokens", login


async def test_a_phone_that_several_share_is_nobodys_login(people: People) -> None:
    for sequence in ("907", "909"):
        await people.give_password(await people.register(id_number(sequence=sequence), PHONE))

    assert (await people.device().sign_in(PHONE))["code"] == "credentials_wrong"
    assert (await people.device().sign_in(id_number(sequence="909")))["__typename"] == (
        "SessionTokens"
    )


async def test_known_and_unknown_get_the_same_answer(people: People) -> None:
    known = await people.resident()
    without_password = id_number(sequence="911")
    await people.register(without_password)
    answers = [
        await people.device().sign_in(login, "some wrong password")
        for login in (known, without_password, id_number(sequence="913"), "", "nobody", PHONE)
    ]

    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["code"] == "credentials_wrong"


async def test_known_and_unknown_cost_the_same_password_work(
    people: People, hashings: list[str]
) -> None:
    logins = [await people.resident(), id_number(sequence="913"), "nobody", ""]
    passwords = ["some wrong password", "x" * 10_240, "", "a\u0000b", "\ud800"]

    for login in logins:
        for password in passwords[:4]:
            await people.device().sign_in(login, password)
    assert len(hashings) == 16
    assert len(set(hashings)) == 1


async def test_known_and_unknown_take_the_same_time() -> None:
    """With work that can be measured; the control shows what a skipped hash would look like."""
    policy = AccountPolicy(8_192, 2, 1, 1, *[1] * 10)
    passwords = Passwords(policy)
    stored = await passwords.hash(PASSWORD)
    assert isinstance(stored, str)
    took: dict[str, list[float]] = {"known": [], "unknown": [], "too long": [], "skipped": []}
    for _ in range(15):
        for name, compared, password in (
            ("known", stored, "wrong password"),
            ("unknown", None, "wrong password"),
            ("too long", stored, "x" * 10_240),
        ):
            began = time.perf_counter()
            assert await passwords.verify(compared, password) is False
            took[name].append(time.perf_counter() - began)
        began = time.perf_counter()
        took["skipped"].append(time.perf_counter() - began)
    known, unknown, long, skipped = (statistics.median(times) for times in took.values())

    assert 0.5 < unknown / known < 2
    assert 0.5 < long / known < 2
    assert skipped / known < 0.5


async def test_the_loop_answers_others_while_a_password_is_worked_out() -> None:
    passwords = Passwords(AccountPolicy(65_536, 6, 1, 1, *[1] * 10))
    working = asyncio.create_task(passwords.verify(None, "x"))
    turns = 0
    while not working.done():
        await asyncio.sleep(0.001)
        turns += 1

    assert turns > 5


async def test_too_many_at_once_are_told_to_wait() -> None:
    passwords = Passwords(AccountPolicy(1024, 1, 1, 1, *[1] * 10))

    answers = await asyncio.gather(*(passwords.verify(None, "x") for _ in range(40)))

    codes = [getattr(answer, "code", answer) for answer in answers]
    assert codes.count(False) == 17
    assert codes.count("sign_in_busy") == 23
    assert await passwords.verify(None, "x") is False


async def test_a_hash_of_yesterdays_parameters_is_made_anew(people: People) -> None:
    number = await people.resident()
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    account = await Account.find_one({})
    assert account is not None
    account.password_hash = old
    await account.save()

    await people.device().sign_in(number)

    again = await Account.get(account.id)
    assert again is not None
    assert again.password_hash != old
    assert (await people.device().sign_in(number))["__typename"] == "SessionTokens"


async def _wrong(people: People, login: str, times: int) -> list[str]:
    return [(await people.device().sign_in(login, "wrong password"))["code"] for _ in range(times)]


async def test_five_wrong_tries_lock_the_account_and_tell_until_when(
    people: People, clock: ManualClock
) -> None:
    number = await people.resident()
    assert await _wrong(people, number, 5) == ["credentials_wrong"] * 5

    locked = await people.device().sign_in(number)

    assert locked["code"] == "sign_in_locked"
    ends = (clock.now() + timedelta(minutes=15)).astimezone(LOCAL_ZONE)
    assert f"{ends:%H:%M}" in locked["nextStep"]["zh"]
    clock.advance(899)
    assert (await people.device().sign_in(number))["code"] == "sign_in_locked"
    clock.advance(1)
    assert (await people.device().sign_in(number))["__typename"] == "SessionTokens"


async def test_an_unknown_account_locks_in_the_same_way(people: People) -> None:
    unknown = id_number(sequence="913")

    codes = await _wrong(people, unknown, 7)

    assert codes == ["credentials_wrong"] * 5 + ["sign_in_locked"] * 2


async def test_tries_on_a_locked_account_do_no_password_work(
    people: People, hashings: list[str]
) -> None:
    await _wrong(people, "somebody", 9)

    assert len(hashings) == 5


async def test_a_lock_outlives_a_restart(people: People) -> None:
    """The count stands in the store: another house on it knows it."""
    number = await people.resident()
    await _wrong(people, number, 5)

    found = await people.city.house.store.database["sign_in_tries"].find().to_list()

    assert [row["taken"] for row in found].count(5) == 2  # the name's and the address's
    assert all(number not in str(row) and "127.0.0.1" not in str(row) for row in found)


async def test_the_right_password_forgets_the_wrong_ones(people: People) -> None:
    number = await people.resident()
    for _ in range(3):
        await _wrong(people, number, 4)
        assert (await people.device().sign_in(number))["__typename"] == "SessionTokens"


async def test_tries_sent_at_once_are_counted_each(people: People) -> None:
    number = await people.resident()

    answers = await asyncio.gather(
        *(people.device().sign_in(number, "wrong password") for _ in range(20))
    )

    codes = [answer["code"] for answer in answers]
    assert codes.count("credentials_wrong") == 5
    assert codes.count("sign_in_locked") == 15


async def test_aliases_of_one_operation_are_counted_each(
    people: People, hashings: list[str]
) -> None:
    """Brute force in one request: fifteen aliases are fifteen tries."""
    number = await people.resident()
    wish = (
        f'signInWithPassword(input: {{idempotencyKey: "{"k" * 8}", login: "{number}", '
        'password: "wrong password", deviceName: "x"})'
    )
    query = aliased("mutation", wish, 15)

    answer = (await people.device().post(query)).json()

    codes = [member["code"] for member in answer["data"].values()]
    assert codes == ["credentials_wrong"] * 5 + ["sign_in_locked"] * 10
    assert len(hashings) == 5
    assert (await people.device().sign_in(number))["code"] == "sign_in_locked"


async def test_a_batch_of_operations_is_refused(people: People) -> None:
    device = people.device()

    answer = await device.send("POST", "/graphql", b'[{"query": "{serverTime}"}]')

    assert answer.status_code == 400


async def test_one_address_tries_many_accounts(people: People, clock: ManualClock) -> None:
    """Password spraying: few tries each on many accounts."""
    codes = [(await _wrong(people, f"somebody{number}", 1))[0] for number in range(52)]

    assert codes == ["credentials_wrong"] * 50 + ["address_locked"] * 2
    clock.advance(600)
    assert await _wrong(people, "somebody", 1) == ["credentials_wrong"]


async def test_right_sign_ins_do_not_use_the_address_up(people: People) -> None:
    number = await people.resident()
    for _ in range(60):
        assert (await people.device().sign_in(number))["__typename"] == "SessionTokens"


async def _set(device: Device, current: str, new: str) -> str:
    answer = await device.do("SetPassword", currentPassword=current, newPassword=new)
    return str(answer.get("code", "set"))


async def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(
    people: People,
) -> None:
    phone = await people.signed_in()
    tablet = people.device()
    await tablet.sign_in(id_number())

    assert await _set(phone, "wrong password", "a whole new sentence") == "current_password_wrong"
    assert await _set(phone, PASSWORD, "a whole new sentence") == "set"

    assert (await tablet.renew_session())["code"] == "session_ended"
    assert (await phone.do("Sessions"))["__typename"] == "DeviceSessions"
    assert (await people.device().sign_in(id_number()))["code"] == "credentials_wrong"
    new = await people.device().sign_in(id_number(), "a whole new sentence")
    assert new["__typename"] == "SessionTokens"


async def test_guessing_the_old_password_from_a_stolen_phone_is_limited(people: People) -> None:
    phone = await people.signed_in()
    codes = [await _set(phone, f"guess number {n}", "a whole new sentence") for n in range(6)]

    assert codes == ["current_password_wrong"] * 5 + ["sign_in_locked"]
    assert await _set(phone, PASSWORD, "a whole new sentence") == "sign_in_locked"


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("short", "password_short"),
        ("z" * 10_240, "password_long"),
        ("with\u0000nothing", "password_form"),
        ("5201314520", "password_common"),
        ("19880312", "password_personal"),
        (id_number(), "password_personal"),
        (id_number().lower(), "password_personal"),
    ],
)
async def test_a_new_password_that_is_refused(people: People, new: str, code: str) -> None:
    assert await _set(await people.signed_in(), PASSWORD, new) == code


async def test_a_password_of_emoji_works(people: People) -> None:
    phone = await people.signed_in()
    assert await _set(phone, PASSWORD, "🚲🌉🎣🍚🍊🐟👨‍👩‍👧") == "set"

    answer = await people.device().sign_in(id_number(), "🚲🌉🎣🍚🍊🐟👨‍👩‍👧")

    assert answer["__typename"] == "SessionTokens"


async def test_nobody_sets_a_password_without_signing_in(people: People) -> None:
    assert await _set(people.device(), PASSWORD, "a whole new sentence") == "sign_in_needed"


@pytest.mark.parametrize(
    "name", ["PASSWORD_KIB", "PASSWORD_PASSES", "SIGN_IN_TRIES", "ACCESS_SECONDS"]
)
def test_production_takes_no_weaker_figures(name: str) -> None:
    production = {
        "YIKATONG_ENVIRONMENT": "production",
        "YIKATONG_KEYS_DIR": "/k",
        "YIKATONG_MONGODB_URI": "mongodb://m",
    }
    weak = {"PASSWORD_KIB": "19455", "PASSWORD_PASSES": "1", "ACCESS_SECONDS": "601"}

    with pytest.raises(StartRefused, match=name):
        read_settings({**production, f"YIKATONG_{name}": weak.get(name, "2")})
