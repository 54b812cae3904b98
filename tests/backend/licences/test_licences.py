"""S26: a desk sees the licences that the holder lets it see, once, and the holder finds it."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from backend.assertions.evidence import Shown
from backend.figures import LicenceFigures
from backend.foundation import audit
from backend.foundation.access import NOT_DELEGABLE, Caller, Role
from backend.foundation.audit import AuditRow
from backend.foundation.mongo import Session
from backend.foundation.permissions import NOT_PERMITTED, SIGN_IN_NEEDED
from backend.foundation.refusals import Refusal
from backend.licences import refusals as no
from backend.licences import rules, service
from backend.licences.documents import LicenceRequest
from backend.licences.leaving import LicenceLeaving
from backend.licences.look_up import LicenceLookUp
from backend.licences.merging import LICENCE_REQUEST_OPEN, no_licence_requests
from backend.licences.registry import (
    Licence,
    LicenceKind,
    LicenceRegistryDown,
    NoLicenceRegistry,
)
from backend.licences.rules import (
    Desk,
    LicenceStatus,
    RequestFacts,
    RequestState,
    ShownState,
    Wish,
    refusal_to_decide,
    refusal_to_fetch,
    refusal_to_withdraw,
    wish_of,
)
from backend.licences.sandbox import made_up_licence
from backend.licences.service import FetchedLicences, RequestView
from shared.clock import ManualClock
from tests.backend.accounts.actors import People
from tests.backend.actors import id_number, new_key
from tests.backend.assertions.test_assertions import Person
from tests.backend.bookings.hall import code
from tests.backend.bookings.test_indexes import EXPLAINED, parts, stages
from tests.backend.licences.window import (
    CARD,
    DESK,
    OFFICE,
    OTHER_DESK,
    OTHER_STAFF,
    OTHER_TERMINAL,
    WISH,
    Window,
)

UNREADABLE = ["", "\ud800", "a\0b", '{"$ne": null}', "x" * 65, "../lic"]
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def _licence(kind: LicenceKind, holder: str, until: date | None = None, **more: Any) -> Licence:
    return made_up_licence(kind, holder, OFFICE, date(2020, 1, 1), until, **more)


@pytest.mark.feature("S26", "S118")
async def test_a_desk_sees_what_the_holder_lets_it_see_once_and_each_step_is_theirs_to_read(
    window: Window, people: People
) -> None:
    request = await window.asked()
    assert await window.fetch(request) == no.LICENCE_NOT_DECIDED
    assert window.registry.asked == 0, "without a grant the registry is not even asked"
    [waiting] = _views(await window.requests.of_holder(window.holder))
    assert (waiting.state, waiting.desk, waiting.purpose) == (
        ShownState.ASKED,
        OFFICE.name,
        WISH.purpose,
    )
    assert waiting.kinds == WISH.kinds
    window.clock.advance(1)
    await window.decide(request)
    window.clock.advance(1)
    key = new_key()
    seen = await window.fetch(request, key=key)
    assert isinstance(seen, FetchedLicences), seen
    assert [one.kind for one in seen.licences] == list(WISH.kinds)
    assert {one.masked_name for one in seen.licences} == {"钟*明"}
    assert {one.status for one in seen.licences} == {LicenceStatus.VALID}
    assert await window.fetch(request, key=key) == seen, "the same request, repeated"
    window.clock.advance(1)
    assert await window.fetch(request) == no.LICENCE_GRANT_USED
    [shown] = _views(await window.requests.of_holder(window.holder))
    assert (shown.state, shown.ended_at) == (ShownState.USED, seen.seen_at)

    assert Counter(await window.rows()) == {
        ("requested", "ok"): 1,
        ("fetched", "refused:licence_not_decided"): 1,
        ("granted", "ok"): 1,
        ("fetched", "ok"): 1,
        ("fetched", "refused:licence_grant_used"): 1,
    }
    await people.give_password(window.resident_id)
    phone = people.device()
    await phone.sign_in(id_number())
    used = (await phone.ask("DataUse"))["dataUse"]["nodes"]
    told = [one for one in used if one["receiverCode"] == OFFICE.code]
    assert len(told) == 5, "who used my data has each of them"
    assert "查看了您的电子证照：户籍登记证明、机动车驾驶证" in str(told)
    assert WISH.purpose in str(await AuditRow.find({"action": "licences.fetched"}).to_list())


def _views(found: tuple[RequestView, ...] | Refusal) -> tuple[RequestView, ...]:
    assert not isinstance(found, Refusal), found
    return found


@pytest.mark.feature("S26")
async def test_another_desk_another_terminal_and_another_hand_see_nothing(window: Window) -> None:
    request = await window.granted()
    for by, why in (
        (OTHER_DESK, no.LICENCE_OTHER_DESK),
        (OTHER_STAFF, no.LICENCE_OTHER_DESK),
        (OTHER_TERMINAL, no.LICENCE_OTHER_TERMINAL),
    ):
        assert await window.fetch(request, by) == why
    auditor = replace(DESK, roles=frozenset({Role.AUDITOR}))
    assert await window.fetch(request, auditor) == NOT_PERMITTED
    assert await window.requests.fetch(None, new_key(), request) == SIGN_IN_NEEDED
    assert await window.fetch("lrq_none") == no.LICENCE_REQUEST_UNKNOWN
    assert await window.fetch("$where") == no.LICENCE_REQUEST_UNKNOWN
    assert window.registry.asked == 0
    key = new_key()
    assert isinstance(await window.fetch(request, key=key), FetchedLicences)
    again = await window.fetch(request, OTHER_TERMINAL, key)
    assert again == no.LICENCE_OTHER_TERMINAL, "nor by the key of the look"


@pytest.mark.feature("S26")
async def test_a_refused_withdrawn_or_ended_grant_shows_nothing(window: Window) -> None:
    requests, figures = window.requests, LicenceFigures()
    refused = await window.asked()
    assert _state(await window.decide(refused, agree=False)) is ShownState.REFUSED
    assert await window.fetch(refused) == no.LICENCE_REFUSED
    assert await window.decide(refused) == no.LICENCE_REQUEST_DECIDED

    withdrawn, key = await window.granted(), new_key()
    assert _state(await requests.withdraw(window.holder, key, withdrawn)) is ShownState.WITHDRAWN
    assert _state(await requests.withdraw(window.holder, key, withdrawn)) is ShownState.WITHDRAWN
    assert await window.fetch(withdrawn) == no.LICENCE_WITHDRAWN

    stale, ended = await window.asked(), await window.granted()
    key = new_key()
    used = await window.granted()
    assert isinstance(await window.fetch(used, key=key), FetchedLicences)
    window.clock.advance(figures.decide_minutes * 60)
    assert await window.decide(stale) == no.LICENCE_REQUEST_EXPIRED
    window.clock.advance((figures.grant_minutes - figures.decide_minutes) * 60 - 1)
    assert isinstance(await window.fetch(used, key=key), FetchedLicences)
    window.clock.advance(1)
    assert await window.fetch(ended) == no.LICENCE_GRANT_EXPIRED
    assert await window.fetch(used, key=key) == no.LICENCE_GRANT_EXPIRED, "nor a repeated look"
    assert await requests.withdraw(window.holder, new_key(), used) == no.LICENCE_GRANT_USED
    assert [one for one in await window.rows() if one == ("fetched", "ok")] == [("fetched", "ok")]


def _state(found: RequestView | Refusal) -> ShownState:
    assert isinstance(found, RequestView), found
    return found.state


@pytest.mark.feature("S26")
async def test_a_licence_of_a_family_member_is_shown_to_nobody_and_uses_nothing_up(
    window: Window,
) -> None:
    own, child = id_number(), id_number(sequence="903")
    birth = _licence(LicenceKind.BIRTH, child)
    window.registry.put(own, _licence(LicenceKind.HOUSEHOLD, own), birth)
    made = await window.ask(wish=Wish((LicenceKind.HOUSEHOLD, LicenceKind.BIRTH), "入学"))
    await window.decide(made.request_id)
    assert await window.fetch(made.request_id) == no.LICENCE_OF_ANOTHER
    [shown] = _views(await window.requests.of_holder(window.holder))
    assert shown.state is ShownState.GRANTED
    seen = await window.house.services[LicenceLookUp].own(window.holder)
    assert not isinstance(seen, Refusal)
    assert [one.kind for one in seen.licences] == [LicenceKind.HOUSEHOLD], "one's own alone"
    window.registry.put(own, birth, _licence(LicenceKind.BIRTH, own))
    fetched = await window.fetch(made.request_id)
    assert isinstance(fetched, FetchedLicences)
    assert ([one.kind for one in fetched.licences], fetched.missing) == (
        [LicenceKind.BIRTH],
        (LicenceKind.HOUSEHOLD,),
    )


@pytest.mark.feature("S26", "S6")
async def test_a_registry_that_is_down_uses_nothing_up_and_what_it_revoked_is_shown_so(
    window: Window,
) -> None:
    request, own = await window.granted(), id_number()
    window.registry.down = True
    assert await window.fetch(request) == no.LICENCE_REGISTRY_DOWN
    mine = await window.house.services[LicenceLookUp].own(window.holder)
    assert mine == no.LICENCE_REGISTRY_DOWN
    window.registry.down = False
    ended = _licence(LicenceKind.DRIVING, own, date(2020, 6, 1))
    window.registry.put(own, _licence(LicenceKind.HOUSEHOLD, own, revoked=True), ended)
    seen = await window.fetch(request)
    assert isinstance(seen, FetchedLicences), seen
    assert [one.status for one in seen.licences] == [LicenceStatus.REVOKED, LicenceStatus.EXPIRED]
    with pytest.raises(LicenceRegistryDown):
        await NoLicenceRegistry().licences(own)


@pytest.mark.feature("S26")
@pytest.mark.parametrize("guarded", [True, False])
async def test_of_two_looks_at_once_one_sees_and_is_recorded(
    window: Window, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: where the write has no condition both see, by one grant."""
    request, ask, both = await window.granted(), window.registry.licences, asyncio.Barrier(2)

    async def at_once(number: str) -> tuple[Licence, ...]:
        await both.wait()  # both found the grant unused
        return await ask(number)

    monkeypatch.setattr(window.registry, "licences", at_once)
    monkeypatch.setattr(window.clock, "now", _Ticking(window.clock).now)
    if not guarded:
        monkeypatch.setattr(service, "_serving", lambda one, _: {"_id": one})
    answers = await asyncio.gather(window.fetch(request), window.fetch(request))
    wanted = {"FetchedLicences": 2} if not guarded else {"FetchedLicences": 1}
    wanted |= {"licence_grant_used": 1} if guarded else {}
    assert Counter(map(code, answers)) == wanted
    looks = Counter(await window.rows())[("fetched", "ok")]
    assert looks == (1 if guarded else 2)


@pytest.mark.feature("S26")
@pytest.mark.parametrize(
    ("withdrawn", "why"),
    [(True, no.LICENCE_WITHDRAWN), (False, no.LICENCE_GRANT_EXPIRED)],
)
async def test_what_ends_while_the_registry_is_asked_shows_nothing(
    window: Window, withdrawn: bool, why: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, ask = await window.granted(), window.registry.licences

    async def slow(number: str) -> tuple[Licence, ...]:
        if withdrawn:
            await window.requests.withdraw(window.holder, new_key(), request)
        else:
            window.clock.advance(LicenceFigures().grant_minutes * 60)
        return await ask(number)

    monkeypatch.setattr(window.registry, "licences", slow)
    assert await window.fetch(request) == why
    assert ("fetched", "ok") not in await window.rows()


@pytest.mark.feature("S26")
async def test_who_looks_their_own_up_finds_the_look_even_where_nothing_was_answered(
    window: Window,
) -> None:
    window.registry.down = True
    own = window.house.services[LicenceLookUp]
    assert await own.own(window.holder) == no.LICENCE_REGISTRY_DOWN
    assert await window.rows() == [("own", "ok")]


async def test_a_desk_that_read_too_many_this_hour_asks_nobody_more(window: Window) -> None:
    limits = window.requests._limits
    while await limits.of_reads(DESK.actor.id) is None:
        pass
    key = new_key()
    assert code(await window.ask(key=key)) == "reads_too_many"
    assert await LicenceRequest.find_all().count() == 0
    window.clock.advance(60 * 60)
    assert isinstance(await window.ask(key=key), RequestView)


class _Ticking:
    """A clock that goes on with each look, as time does: so each write changes something."""

    def __init__(self, clock: ManualClock) -> None:
        self._now = clock.now()

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now


@pytest.mark.feature("S26")
async def test_the_same_request_is_one_and_a_code_serves_once(
    window: Window, person: Person
) -> None:
    key, shown = new_key(), Shown(person.code())
    first = await window.ask(shown, key)
    assert isinstance(first, RequestView), first
    assert code(await window.ask(shown)) == "code_shown_before"
    window.clock.advance(60)  # the code is long over
    assert await window.ask(shown, key) == first
    assert await LicenceRequest.find_all().count() == 1
    assert code(await window.ask(Shown())) == "evidence_form"
    assert code(await window.ask(CARD, key)) == "idempotency_key_reused"
    agreed = await window.requests.decide(window.holder, key, first.request_id, agree=True)
    again = await window.requests.decide(window.holder, key, first.request_id, agree=True)
    assert agreed == again


async def test_only_the_holder_decides_and_nobody_for_them(window: Window) -> None:
    request = await window.asked()
    stranger, delegate = Caller(resident_id="res_x"), replace(window.holder, acting_for="mnd_a")
    for by, why in (
        (stranger, no.LICENCE_REQUEST_UNKNOWN),
        (delegate, NOT_DELEGABLE),
        (DESK, NOT_PERMITTED),
        (None, SIGN_IN_NEEDED),
    ):
        assert await window.requests.decide(by, new_key(), request, agree=True) == why
        assert await window.requests.withdraw(by, new_key(), request) == why
    assert await window.requests.of_holder(stranger) == ()
    for by, why in ((delegate, NOT_DELEGABLE), (DESK, NOT_PERMITTED), (None, SIGN_IN_NEEDED)):
        assert await window.requests.of_holder(by) == why
        assert await window.house.services[LicenceLookUp].own(by) == why
    clerk = replace(window.holder, roles=frozenset())
    assert await window.requests.ask(clerk, new_key(), WISH, CARD) == NOT_PERMITTED
    assert window.registry.asked == 0


async def test_nothing_of_a_licence_is_kept_and_a_leaver_is_forgotten(
    window: Window, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    request = await window.granted()
    await window.requests.of_holder(window.holder)
    obstacle = no_licence_requests(window.clock)

    async def against(session: Session) -> object:
        return await obstacle.against("res_b", window.resident_id, session)

    assert await audit.in_one_write(against) == LICENCE_REQUEST_OPEN
    seen = await window.fetch(request)
    assert isinstance(seen, FetchedLicences)
    await window.house.services[LicenceLookUp].own(window.holder)
    assert await audit.in_one_write(against) is None
    asked = [one for one in sent if one[1].get(one[0]) == "licence_requests"]
    store = window.house.store.database
    for name in await store.list_collection_names():
        async for row in store[name].find({}):
            assert seen.licences[0].digest not in str(row), name

    async def leave(session: Session) -> None:
        await LicenceLeaving().close_account(window.resident_id, window.clock.now(), session)

    kept = await window.granted()
    await audit.in_one_write(leave)
    assert await window.fetch(kept) == no.LICENCE_REQUEST_UNKNOWN
    asked += [one for one in sent if one[0] == "delete" and "licence_requests" in one[1].values()]
    explained = [part for one in asked if one[0] in EXPLAINED for part in parts(*one)]
    assert explained
    for part in explained:
        plan = await store.command({"explain": part, "verbosity": "queryPlanner"})
        assert not {"COLLSCAN", "SORT"} & stages(plan), part


def test_a_wish_names_each_kind_once_and_says_what_for() -> None:
    driving = LicenceKind.DRIVING
    assert wish_of([driving], " 租车 ") == Wish((driving,), "租车")
    assert wish_of([], "租车") == no.LICENCE_KINDS_FORM
    assert wish_of([driving, driving], "租车") == no.LICENCE_KINDS_FORM
    for purpose in ("", " ", "x" * 201, f"为{id_number()}办理", "a\nb"):
        assert code(wish_of([driving], purpose)) == "audit_reason_form"


@pytest.mark.feature("S26")
def test_a_grant_ends_to_the_second_and_each_state_says_why() -> None:
    desk = Desk("org", "stf", "key")
    granted = RequestFacts(desk, RequestState.GRANTED, NOW)
    assert refusal_to_fetch(granted, desk, NOW - SECOND) is None
    assert refusal_to_fetch(granted, desk, NOW) == no.LICENCE_GRANT_EXPIRED
    asked = replace(granted, state=RequestState.ASKED)
    assert refusal_to_decide(asked, NOW - SECOND) is None
    assert refusal_to_decide(asked, NOW) == no.LICENCE_REQUEST_EXPIRED
    assert refusal_to_fetch(asked, desk, NOW) == no.LICENCE_REQUEST_EXPIRED
    for state in set(RequestState) - {RequestState.ASKED}:
        assert refusal_to_decide(replace(granted, state=state), NOW) == no.LICENCE_REQUEST_DECIDED
    assert refusal_to_withdraw(granted, NOW - SECOND) is None
    assert refusal_to_withdraw(granted, NOW) == no.LICENCE_NOT_GRANTED
    assert refusal_to_withdraw(asked, NOW - SECOND) == no.LICENCE_NOT_GRANTED
    assert refusal_to_fetch(None, desk, NOW) == no.LICENCE_REQUEST_UNKNOWN


def test_a_licence_counts_to_its_last_day_and_a_revoked_one_never() -> None:
    licence = _licence(LicenceKind.DRIVING, id_number(), date(2026, 11, 22))
    assert rules.standing_of(licence, date(2026, 11, 22)) is LicenceStatus.VALID
    assert rules.standing_of(licence, date(2026, 11, 23)) is LicenceStatus.EXPIRED
    assert rules.standing_of(licence, date(2019, 12, 31)) is LicenceStatus.NOT_YET
    revoked = replace(licence, revoked=True)
    assert rules.standing_of(revoked, date(2026, 11, 22)) is LicenceStatus.REVOKED
    assert id_number() not in repr(licence)


@pytest.mark.parametrize("text", UNREADABLE)
async def test_the_store_is_asked_about_no_request_that_cannot_be_one(
    window: Window, text: str, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    sent.clear()
    answers = [
        await window.fetch(text),
        await window.decide(text),
        await window.requests.withdraw(window.holder, new_key(), text),
    ]
    assert answers == [no.LICENCE_REQUEST_UNKNOWN] * 3
    asked = [command for name, command in sent if name == "find"]
    assert not [one for one in asked if one["find"] == LicenceRequest.get_collection_name()]
