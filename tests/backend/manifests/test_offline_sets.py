"""What the backend gives out: whole sets and deltas, exact, signed, to the reader of the venue."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from backend.foundation.keys import Keys
from backend.manifests.service import OfflineSets, SetDownload
from backend.settings import Settings
from backend.wiring import make_services
from reader_service.offline_holdings import OfferedSet
from reader_service.snapshot import Kind
from shared.trust.trust_list import TrustList, Untrusted, read_trust_list
from shared.wire.offline_set import (
    CARD_KEY_HEADER,
    DELTA,
    OfflineSet,
    applied,
    decode_offline_set,
    open_record,
    phone_secret,
    record_key,
)
from shared.wire.request_proof import sign_request
from tests.backend.actors import REGION, City, Terminal
from tests.backend.manifests.conftest import VENUE, Museum, Visitor

PATH = "/readers/v1/offline-set"


@pytest.fixture
async def terminal(museum: Museum) -> Terminal:
    return await _enrolled(museum.city)


async def _enrolled(city: City) -> Terminal:
    terminal = Terminal(city.client, city.clock)
    assert (await terminal.enrol(await city.token(VENUE))).status_code == 201
    return terminal


async def _ask(terminal: Terminal, etag: str | None = None, *, delta: bool = True) -> Any:
    proof = sign_request(terminal.key, "GET", PATH, b"", terminal.clock.now())
    headers = {"DPoP": proof} | ({"A-IM": DELTA} if delta else {})
    return await terminal.client.get(
        PATH, headers=headers | ({"If-None-Match": etag} if etag else {})
    )


async def _trust(museum: Museum, keys: Keys) -> TrustList:
    text = (await museum.city.client.get("/readers/v1/trust-list")).text
    return read_trust_list(text, keys.root.public, museum.hall.clock.now())


async def _read(museum: Museum, keys: Keys, answer: httpx.Response) -> OfflineSet:
    trust = await _trust(museum, keys)
    return decode_offline_set(answer.content, trust, museum.hall.clock.now())


def _opened(content: OfflineSet, who: Visitor) -> list[str]:
    claims = who.certificate.claims
    secret = phone_secret(REGION, claims.card_index, claims.device_serial, claims.device_key)
    key = record_key(content.salt, VENUE, secret)
    sealed = content.records.get(key.locator)
    return [one.booking_id for one in open_record(key, sealed).bookings] if sealed else []


def _rest(museum: Museum) -> None:
    museum.hall.clock.advance(20)


async def test_whole_set_and_deltas_are_the_whole_set_of_now(
    museum: Museum, terminal: Terminal, keys: Keys
) -> None:
    """A story of bookings and cancellations, with a delta after each step."""
    people = [await museum.visitor(str(number)) for number in range(901, 905)]
    slot, later = await museum.slot(), await museum.slot(days=2)
    answer = await _ask(terminal)
    content, etag = await _read(museum, keys, answer), answer.headers["ETag"]
    assert (answer.status_code, content.base_epoch, len(content.records)) == (200, 0, 0)

    one = await museum.booked(people[0], slot)
    two = await museum.booked(people[1], slot, 3)
    wanted: dict[int, set[str]] = {0: {one.booking_id}, 1: {two.booking_id}}
    sizes = []
    for step in range(4):
        _rest(museum)
        answer = await _ask(terminal, etag)
        assert (answer.status_code, answer.headers["IM"]) == (226, DELTA)
        assert answer.headers["Delta-Base"] == etag
        content = applied(content, await _read(museum, keys, answer))
        etag = answer.headers["ETag"]
        sizes.append(len(answer.content))
        whole = await _read(museum, keys, await _ask(terminal, delta=False))
        assert whole == content
        for number, who in enumerate(people):
            assert set(_opened(content, who)) == wanted.get(number, set()), step
        if step == 0:
            await museum.hall.cancel(people[0].name, one)
            wanted.pop(0)
        elif step == 1:
            wanted[1].add((await museum.booked(people[1], later)).booking_id)
        elif step == 2:
            wanted[0] = {(await museum.booked(people[0], slot)).booking_id}
            wanted[2] = {(await museum.booked(people[2], slot)).booking_id}
    assert sizes[1] < 150  # one removed locator, head and signature
    _rest(museum)
    same = await _ask(terminal, etag)
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers[CARD_KEY_HEADER] == answer.headers[CARD_KEY_HEADER]


async def test_a_base_that_is_not_known_gets_all_and_so_does_who_asks_for_no_delta(
    museum: Museum, terminal: Terminal, keys: Keys
) -> None:
    await museum.booked(await museum.visitor("901"), await museum.slot())
    etag = (await _ask(terminal)).headers["ETag"]
    series, _, epoch = etag.strip('"').partition("-")
    for known in (f'"{"0" * 16}-{epoch}"', f'"{series}-9999999999"', '"x"', "W/", "*"):
        answer = await _ask(terminal, known)
        assert (answer.status_code, (await _read(museum, keys, answer)).base_epoch) == (200, 0)
    await museum.booked(await museum.visitor("902"), await museum.slot())
    _rest(museum)
    plain = await _ask(terminal, etag, delta=False)
    assert (plain.status_code, (await _read(museum, keys, plain)).base_epoch) == (200, 0)


async def test_a_week_later_another_salt_hides_who_was_there_before(
    museum: Museum, terminal: Terminal, keys: Keys
) -> None:
    visitor = await museum.visitor("901")
    for days in (1, 8):
        await museum.booked(visitor, await museum.slot(days=days))
    first = await _ask(terminal)
    before = await _read(museum, keys, first)
    assert len(before.records) == 1
    museum.hall.clock.advance(7 * 86_400)
    answer = await _ask(terminal, first.headers["ETag"])
    after = await _read(museum, keys, answer)

    assert (answer.status_code, after.base_epoch) == (200, 0)
    assert after.salt != before.salt
    assert after.epoch > before.epoch
    assert not before.records.keys() & after.records.keys()
    assert answer.headers[CARD_KEY_HEADER] != first.headers[CARD_KEY_HEADER]
    records = museum.hall.house.store.database["offline_records"]
    assert await records.count_documents({}) == len(after.records)


async def test_many_changes_begin_a_series_and_none_half_filled_is_given_out(
    museum: Museum, terminal: Terminal, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitors = [await museum.visitor(str(number)) for number in range(901, 904)]
    slot = await museum.slot()
    await museum.booked(visitors[0], slot)
    first = await _ask(terminal)
    before = await _read(museum, keys, first)
    records = museum.hall.house.store.database["offline_records"]
    row = await records.find_one({})
    assert row is not None
    # A server died while it filled a series that no head names.
    await records.insert_one({**row, "_id": "left", "series": b"lefthere", "epoch": 2**31})
    for who in visitors[1:]:
        await museum.booked(who, slot)
    _rest(museum)
    monkeypatch.setattr("backend.manifests.service.MOST_CHANGES", 1)
    answer = await _ask(terminal, first.headers["ETag"])
    after = await _read(museum, keys, answer)

    assert len(before.records) == 1
    assert (answer.status_code, after.base_epoch) == (200, 0)
    assert after.salt != before.salt
    assert all(_opened(after, who) for who in visitors)
    assert len(after.records) == await records.count_documents({}) == 3


async def test_the_reader_refuses_what_is_older_and_takes_all_where_a_delta_does_not_fit(
    museum: Museum,
) -> None:
    visitor = await museum.visitor("901")
    booking = await museum.booked(visitor, await museum.slot())
    sets = museum.hall.house.services[OfflineSets]
    lane = museum.lane
    assert await museum.refresh()
    old = await sets.download(VENUE, [], delta=True)
    await museum.hall.cancel(visitor.name, booking)
    assert await museum.refresh()
    held = lane.snapshot.lists.holdings
    assert isinstance(old, SetDownload)
    assert held is not None

    with pytest.raises(Untrusted, match="older"):
        lane.snapshot.offer_holdings(_offer(old, museum))
    assert lane.snapshot.lists.holdings is held

    # Another series begins behind the reader's back, and a delta of it is offered.
    await museum.hall.house.store.database["offline_sets"].delete_many({})
    await museum.hall.house.store.database["offline_records"].delete_many({})
    museum.hall.clock.advance(30)
    first = await sets.download(VENUE, [], delta=True)
    assert isinstance(first, SetDownload)
    await museum.booked(visitor, await museum.slot())
    museum.hall.clock.advance(30)
    delta = await sets.download(VENUE, [first.etag], delta=True)
    assert isinstance(delta, SetDownload)
    assert delta.base == first.etag
    with pytest.raises(Untrusted, match="base_missing"):
        lane.snapshot.offer_holdings(_offer(delta, museum))
    lane.snapshot.forget_holdings_etag()
    assert await museum.refresh()
    now = lane.snapshot.lists.holdings
    assert now is not None
    assert len(now.content.records) == 1
    assert Kind.OFFLINE_SET in lane.snapshot.held


def _offer(given: SetDownload, museum: Museum) -> OfferedSet:
    now = museum.hall.clock.now()
    return OfferedSet(given.content, given.etag, given.card_key, now, now)


async def test_two_servers_make_one_set_between_them(
    museum: Museum, settings: Settings, keys: Keys
) -> None:
    visitors = [await museum.visitor(str(number)) for number in range(901, 904)]
    slot = await museum.slot()
    for who in visitors:
        await museum.booked(who, slot)
    house, clock = museum.hall.house, museum.hall.clock
    other = await make_services(settings, house.store, keys, clock, {})
    servers = [house.services[OfflineSets], other[OfflineSets]]
    given = await asyncio.gather(
        *(servers[turn % 2].download(VENUE, [], delta=True) for turn in range(6))
    )

    trust = await _trust(museum, keys)
    sets = [one for one in given if isinstance(one, SetDownload) and one.content is not None]
    assert len(sets) == 6
    assert len({one.etag for one in sets}) == 1
    for one in sets:
        content = decode_offline_set(one.content or b"", trust, clock.now())
        assert all(_opened(content, who) for who in visitors)


async def test_a_set_covers_three_days_and_no_more(
    museum: Museum, terminal: Terminal, keys: Keys
) -> None:
    soon, late = await museum.visitor("901"), await museum.visitor("902")
    await museum.booked(soon, await museum.slot(days=2))
    await museum.booked(late, await museum.slot(days=6))

    content = await _read(museum, keys, await _ask(terminal))

    assert _opened(content, soon)
    assert not _opened(content, late)
    now: datetime = museum.hall.clock.now()
    assert timedelta(days=2) <= content.valid_until - now <= timedelta(days=3)


async def test_every_question_has_its_index(
    museum: Museum, terminal: Terminal, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    visitor, slot = await museum.visitor("901"), await museum.slot()
    etag = (await _ask(terminal)).headers["ETag"]
    await museum.booked(visitor, slot)
    _rest(museum)
    sent.clear()
    await _ask(terminal, etag)
    await _ask(terminal)
    asked = set()
    for name, command in sent:
        if name != "find":
            continue
        asked.add(command["find"])
        plain = {key: command[key] for key in ("find", "filter", "projection") if key in command}
        told = await museum.hall.house.store.database.command(
            {"explain": plain, "verbosity": "queryPlanner"}
        )
        assert "COLLSCAN" not in str(told["queryPlanner"]["winningPlan"]), command
    assert asked >= {"bookings", "cards", "slot_plans", "offline_sets", "offline_records"}


@pytest.mark.usefixtures("museum")
async def test_only_the_venues_own_reader_is_given_its_set(city: City) -> None:
    assert (await city.client.get(PATH)).status_code == 401
    assert (await Terminal(city.client, city.clock).send("GET", PATH)).status_code == 403
