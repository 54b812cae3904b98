import asyncio
import re

import pytest

from backend.accounts.documents import DeviceSession, SessionEnd
from backend.accounts.rules import RefreshState, judge_refresh
from shared.clock import ManualClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import document, id_number, new_key


@pytest.fixture
async def device(people: People) -> Device:
    return await people.signed_in()


async def _ended(session_id: str) -> SessionEnd | None:
    found = await DeviceSession.get(session_id)
    assert found is not None
    return found.end


async def _refresh(device: Device, token: str, key: str | None = None) -> str:
    answer = await device.renew_session(token, key)
    return str(answer.get("code", "renewed"))


def _copy(device: Device, *, same_key: bool) -> Device:
    """Return whoever copied what the device stores, its key included or not."""
    key = device.key if same_key else SoftwareKey.generate(Algorithm.ED25519)
    return Device(device.client, device.clock, key, refresh=device.refresh)


async def test_a_refresh_gives_new_tokens_and_the_server_time(
    device: Device, clock: ManualClock
) -> None:
    before = (device.access, device.refresh)
    clock.advance(700)

    answer = await device.renew_session()

    assert {answer["accessToken"], answer["refreshToken"]}.isdisjoint(before)
    assert answer["serverTime"] == clock.now().isoformat()
    assert (await device.do("Sessions"))["__typename"] == "DeviceSessions"


async def test_the_store_holds_no_token(people: People, device: Device) -> None:
    await device.renew_session()
    texts = [
        str(document)
        for name in await people.city.house.store.database.list_collection_names()
        async for document in people.city.house.store.database[name].find()
    ]

    secret = device.refresh.partition(".")[2]
    assert device.access is not None
    assert secret
    for text in texts:
        assert secret not in text
        assert device.access.rpartition(".")[2] not in text


async def test_the_same_request_again_gets_the_same_tokens(device: Device) -> None:
    token, key = device.refresh, new_key()

    first = await device.renew_session(token, key)
    again = await device.renew_session(token, key)

    assert again["refreshToken"] == first["refreshToken"]
    assert await _refresh(device, first["refreshToken"]) == "renewed"


async def test_a_lost_answer_can_be_fetched_hours_later(device: Device, clock: ManualClock) -> None:
    token, key = device.refresh, new_key()
    first = await device.renew_session(token, key)
    clock.advance(5 * 3600)

    assert (await device.renew_session(token, key))["refreshToken"] == first["refreshToken"]


async def test_many_times_the_same_request_at_once(device: Device) -> None:
    token, key = device.refresh, new_key()

    answers = await asyncio.gather(*(device.renew_session(token, key) for _ in range(8)))

    assert len({answer["refreshToken"] for answer in answers}) == 1
    assert await _refresh(device, answers[0]["refreshToken"]) == "renewed"


async def test_two_refreshes_at_once__exactly_one_wins(device: Device) -> None:
    token = device.refresh
    devices = [_copy(device, same_key=True) for _ in range(8)]

    answers = await asyncio.gather(*(one.renew_session(token) for one in devices))

    won = [answer for answer in answers if answer["__typename"] == "SessionTokens"]
    assert len(won) == 1
    assert {answer["code"] for answer in answers if answer is not won[0]} == {"refresh_superseded"}
    assert await _refresh(device, won[0]["refreshToken"]) == "renewed"


async def test_a_token_used_again_after_its_rotation_ends_the_family(
    device: Device, clock: ManualClock
) -> None:
    stolen = _copy(device, same_key=True)
    await device.renew_session()
    clock.advance(11)

    assert await _refresh(stolen, stolen.refresh) == "refresh_reused"

    assert await _ended(device.session) is SessionEnd.TOKEN_REUSED
    assert await _refresh(device, device.refresh) == "session_ended"
    answer = await device.post(document("Sessions"))
    assert answer.status_code == 200  # the device dropped its access token


async def test_the_thief_who_was_first_loses_the_session_too(
    device: Device, clock: ManualClock
) -> None:
    thief = _copy(device, same_key=True)
    await thief.renew_session()
    clock.advance(11)

    assert await _refresh(device, device.refresh) == "refresh_reused"

    assert await _refresh(thief, thief.refresh) == "session_ended"
    answer = await thief.post(document("Sessions"))
    assert "sign_in_needed" in answer.text or answer.status_code == 401


async def test_a_token_two_rotations_old_ends_the_family_at_once(device: Device) -> None:
    old = device.refresh
    await device.renew_session()
    await device.renew_session()

    assert await _refresh(device, old) == "refresh_reused"
    assert await _ended(device.session) is SessionEnd.TOKEN_REUSED


async def test_without_reuse_the_family_lives(device: Device, clock: ManualClock) -> None:
    """The control: the same rotations, each token used once."""
    for _ in range(20):
        clock.advance(601)
        assert await _refresh(device, device.refresh) == "renewed"

    assert await _ended(device.session) is None


async def test_the_old_answer_is_not_repeated_once_its_token_was_used(device: Device) -> None:
    token, key = device.refresh, new_key()
    await device.renew_session(token, key)
    await device.renew_session()

    assert await _refresh(device, token, key) == "refresh_reused"


async def test_a_stolen_refresh_token_without_the_key_is_worth_nothing(device: Device) -> None:
    thief = _copy(device, same_key=False)

    assert await _refresh(thief, device.refresh) == "session_ended"

    assert await _ended(device.session) is None
    assert await _refresh(device, device.refresh) == "renewed"


async def test_a_token_of_one_session_does_not_fit_another(people: People) -> None:
    one = await people.signed_in()
    other = Device(one.client, one.clock, one.key)
    await other.sign_in(id_number())
    mixed = f"{other.session}.{one.refresh.partition('.')[2]}"

    assert await _refresh(other, mixed) == "refresh_reused"
    assert await _ended(one.session) is None


@pytest.mark.parametrize(
    "token", ["", ".", "ses_", "ses_x.y", "x" * 10_000, "\u0000", "😀", "\ud800", '{"$ne": 1}']
)
async def test_what_is_no_refresh_token(device: Device, token: str) -> None:
    body = {"input": {"refreshToken": token, "idempotencyKey": new_key()}}
    device.access = None
    answer = (await device.post(document("RefreshSession"), body)).json()

    assert answer["data"]["refreshSession"]["code"] == "session_ended"


async def test_a_refresh_needs_the_proof_of_a_device(device: Device) -> None:
    body = {
        "query": document("RefreshSession"),
        "variables": {"input": {"refreshToken": device.refresh, "idempotencyKey": new_key()}},
    }
    answer = await device.client.post("/graphql", json=body)

    assert answer.json()["data"]["refreshSession"]["code"] == "proof_missing"


async def test_sessions_are_listed_newest_first_and_ended_one_by_one(
    people: People, clock: ManualClock
) -> None:
    phone = await people.signed_in()
    clock.advance(60)
    tablet = people.device()
    await tablet.sign_in(id_number())

    [first, second] = (await phone.do("Sessions"))["nodes"]
    assert (first["id"], first["current"]) == (tablet.session, False)
    assert (second["id"], second["current"]) == (phone.session, True)
    assert first["method"] == "PASSWORD"

    ended = await phone.do("EndSession", sessionId=tablet.session)
    assert ended["__typename"] == "SessionEnded"
    assert (await tablet.post(document("Sessions"))).json()["code"] == "session_ended"
    assert await _refresh(tablet, tablet.refresh) == "session_ended"
    [left] = (await phone.do("Sessions"))["nodes"]
    assert left["id"] == phone.session


async def test_nobody_ends_the_session_of_another(people: People) -> None:
    one, other = await people.signed_in("901"), await people.signed_in("903")

    answer = await other.do("EndSession", sessionId=one.session)

    assert answer["__typename"] == "SessionEnded"  # the same answer as for an id nobody has
    assert await _ended(one.session) is None
    assert len((await one.do("Sessions"))["nodes"]) == 1


async def test_signing_out_twice_is_done_too(device: Device) -> None:
    access = device.access
    await device.do("SignOut")
    device.access = access

    assert (await device.post(document("SignOut"))).json()["code"] == "session_ended"
    device.access = None
    assert (await device.do("SignOut"))["code"] == "sign_in_needed"


async def test_a_sign_in_whose_answer_was_lost_is_the_same_session(people: People) -> None:
    device, number, key = people.device(), await people.resident(), new_key()

    first = await device.sign_in(number, key=key)
    again = await device.sign_in(number, key=key)

    assert (again["sessionId"], again["refreshToken"]) == (
        first["sessionId"],
        first["refreshToken"],
    )
    assert len((await device.do("Sessions"))["nodes"]) == 1


async def test_tokens_name_their_holder_alike_at_each_sign_in_and_renewal(people: People) -> None:
    one, other, number = people.device(), people.device(), await people.resident()

    told = [await one.sign_in(number), await one.renew_session(), await other.sign_in(number)]
    stranger = await other.sign_in(await people.resident("903"))

    assert len({answer["holder"] for answer in told}) == 1
    assert stranger["holder"] not in {"", told[0]["holder"]}


async def test_a_repeated_sign_in_still_asks_for_the_password(people: People) -> None:
    device, number, key = people.device(), await people.resident(), new_key()
    await device.sign_in(number, key=key)

    assert (await device.sign_in(number, "not the password", key))["code"] == "credentials_wrong"


def test_session_ids_say_nothing(device: Device) -> None:
    assert re.fullmatch(r"ses_[a-z2-7]{26}", device.session)


def test_judging_a_refresh(clock: ManualClock) -> None:
    now = clock.now()

    def judge(*, previous: bool, same: bool, seconds: float) -> RefreshState:
        renewed = ManualClock(now)
        renewed.advance(-seconds)
        return judge_refresh(
            is_previous=previous, is_same_request=same, renewed_at=renewed.now(), now=now
        )

    assert judge(previous=True, same=True, seconds=99_999) is RefreshState.REPEATED
    assert judge(previous=True, same=False, seconds=10) is RefreshState.SUPERSEDED
    assert judge(previous=True, same=False, seconds=10.001) is RefreshState.REUSED
    assert judge(previous=False, same=True, seconds=0) is RefreshState.REUSED
    assert judge(previous=False, same=False, seconds=0) is RefreshState.REUSED
