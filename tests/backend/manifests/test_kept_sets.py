"""A set that follows what changes is the set made anew, whatever happened, on any server."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from backend.bookings.documents import PlaceBooking
from backend.bookings.expected import ExpectedBookings
from backend.cards.opener_changes import OpenerChanges
from backend.cards.service import CardOpeners, Cards
from backend.foundation.entitlements import Touched
from backend.foundation.keys import Keys
from backend.foundation.mongo import PyMongoError
from backend.foundation.store_changes import StoreChanges, Watched
from backend.manifests import card_records, service
from backend.manifests.card_records import CardRecords
from backend.manifests.kept_sets import KeptSet, KeptSets, Span
from backend.manifests.rules import changes
from backend.manifests.service import OfflineSets, SetDownload
from backend.manifests.stored_sets import fingerprints, head_of
from backend.passes.entries import PassEntitlements
from shared.identity.age import local_day
from shared.wire.offline_set import Holdings, record_key
from tests.backend.actors import REGION
from tests.backend.manifests.conftest import VENUE, Museum, Visitor
from tests.support.soak import SOAK

STEPS = 2_000 if SOAK else 60
HOUR = timedelta(hours=1)


class Servers:
    """Two servers that make the sets between them, and what a third one would make anew."""

    def __init__(self, museum: Museum, keys: Keys) -> None:
        self.museum, self._keys = museum, keys
        self.read_whole = 0
        self.both = [self._server(), self._server()]

    def _server(self) -> OfflineSets:
        house, clock = self.museum.hall.house, self.museum.hall.clock
        cards = house.services[Cards]
        sources = ExpectedBookings(cards), PassEntitlements(cards)
        made = OfflineSets(sources, cards, OpenerChanges(), house.store, self._keys, REGION, clock)
        whole = made._whole

        async def counted(*arguments: Any) -> KeptSet:
            self.read_whole += 1
            return await whole(*arguments)

        made._whole = counted  # type: ignore[method-assign, assignment]  # counts
        return made

    async def difference(self, turn: int = 0) -> int:
        """Have a server bring the set up to date; return in how many records it is wrong then."""
        clock = self.museum.hall.clock
        clock.advance(20)
        assert isinstance(await self.both[turn].download(VENUE, [], delta=True), SetDownload)
        head = await head_of(VENUE)
        assert head is not None
        anew = await self._server()._whole(VENUE, service._series(head, clock.now()), clock.now())
        self.read_whole -= 1
        stored = await fingerprints(VENUE, bytes(head["salt"]))
        return len(changes(stored, anew.wanted()))


@pytest.fixture
def servers(museum: Museum, keys: Keys) -> Servers:
    return Servers(museum, keys)


def _booking(number: int, who: Visitor, starts_at: datetime) -> dict[str, Any]:
    return {
        "_id": f"bkg_{number:032x}", "resident_id": who.holder.resident_id, "venue": VENUE,
        "request_hash": b"x", "slot": "s", "plan": f"{VENUE}.main", "kind": "VISIT",
        "starts_at": starts_at, "ends_at": starts_at + HOUR, "cancel_by": starts_at,
        "quantity": 2, "entered": 0, "state": "CONFIRMED", "placed_at": starts_at,
        "changed_at": starts_at, "forfeited": False, "moves": [],
    }  # fmt: skip


def _pass(number: int, who: Visitor, first: datetime) -> dict[str, Any]:
    day = local_day(first)
    return {
        "_id": f"pas_{number:032x}", "resident_id": who.holder.resident_id, "venues": [VENUE],
        "product": "ten", "kind": "MULTI", "name": {"zh": "十次", "en": "Ten"}, "uses": 3,
        "left": 3, "used": 0, "over": 0, "blackouts": [], "personal": False, "quantity": 1,
        "stock": "ten", "state": "ACTIVE", "lines": [], "paid_fen": 0, "issued_at": first,
        "held_since": first, "changed_at": first, "first": day.isoformat(),
        "last": (day + timedelta(days=3)).isoformat(),
    }  # fmt: skip


class Walk:
    """What happens in a city, a step at a time, written straight to the store."""

    def __init__(self, museum: Museum, people: list[Visitor], seed: int) -> None:
        self.database, self.clock = museum.hall.house.store.database, museum.hall.clock
        self.people, self.random, self.count = people, Random(seed), 0  # noqa: S311  # the same walk each time
        self.steps: list[Callable[[], Any]] = [
            self.book, self.book, self.enter, self.end, self.give, self.hand_on, self.use,
            self.card, self.phone, self.show_by, self.stop_showing, self.merge, self.area,
            self.forget, self.later,
        ]  # fmt: skip

    async def step(self) -> str:
        step = self.random.choice(self.steps)
        await step()
        return step.__name__

    def _who(self) -> Visitor:
        return self.random.choice(self.people)

    def _when(self) -> datetime:
        return self.clock.now() + self.random.randrange(-30, 90) * HOUR

    async def _change(self, name: str, change: dict[str, Any], **wanted: Any) -> None:
        rows = await self.database[name].find(wanted, {"_id": 1}).sort("_id", 1).to_list()
        if rows:
            await self.database[name].update_one(self.random.choice(rows), change)

    async def book(self) -> None:
        self.count += 1
        rows = [_booking(self.count, self._who(), self._when())]
        await self.database.bookings.insert_many(rows)

    async def enter(self) -> None:
        await self._change("bookings", {"$inc": {"entered": 1}})

    async def end(self) -> None:
        state = self.random.choice(["CANCELLED", "CONFIRMED", "HELD"])
        await self._change("bookings", {"$set": {"state": state}})

    async def give(self) -> None:
        self.count += 1
        await self.database.passes.insert_one(_pass(self.count, self._who(), self._when()))

    async def hand_on(self) -> None:
        who = self._who().holder.resident_id
        await self._change("passes", {"$set": {"resident_id": who}})

    async def use(self) -> None:
        await self._change("passes", {"$inc": {"left": -1, "used": 1}}, left={"$gt": 0})

    async def card(self) -> None:
        state = self.random.choice(["ACTIVE", "LOST"])
        await self._change("cards", {"$set": {"state": state}})

    async def phone(self) -> None:
        state = self.random.choice(["BOUND", "UNBOUND"])
        await self._change("cards", {"$set": {"devices.0.state": state}})

    async def show_by(self) -> None:
        self.count += 1
        claims = self._who().certificate.claims
        code = {
            "card_index": claims.card_index, "serial": 60_000 + self.count,
            "thumbprint": f"t{self.count}", "algorithm": int(claims.device_key.algorithm),
            "public_key": claims.device_key.raw,
            "certified_until": self.clock.now() + self.random.randrange(1, 120) * HOUR / 4,
        }  # fmt: skip
        row = {"_id": f"mdt_{self.count}", "state": "ACTIVE", "codes": [code]}
        await self.database.mandates.insert_one(row)

    async def stop_showing(self) -> None:
        now = self.clock.now()
        await self._change("mandates", {"$set": {"codes.0.stopped_at": now}})

    async def merge(self) -> None:
        into = self.people[0].holder.resident_id
        one = self.people[self.random.randrange(1, len(self.people))].holder.resident_id
        how = self.random.choice(["$set", "$unset"])
        await self._change("residents", {how: {"merged_into": into}}, _id=one)

    async def area(self) -> None:
        area = self.random.choice(["main", "east"])
        await self._change("slot_plans", {"$set": {"area": area}}, venue=VENUE)

    async def forget(self) -> None:
        await self._change("bookings", {"$set": {"resident_id": ""}}, entered={"$gt": 3})
        rows = await self.database.bookings.find({}, {"_id": 1}).sort("_id", 1).to_list()
        if rows:
            await self.database.bookings.delete_one(self.random.choice(rows))

    async def later(self) -> None:
        self.clock.advance(self.random.choice([600, 1_200, 3_600, 40_000]))


@pytest.mark.soak
async def test_a_set_that_follows_is_the_set_made_anew(
    museum: Museum, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At random through all that a set is derived from, on two servers in turns."""
    derived: list[bytes] = []

    def counted(*arguments: Any) -> Any:
        derived.append(arguments[2])
        return record_key(*arguments)

    monkeypatch.setattr(card_records, "record_key", counted)
    people = [await museum.visitor(str(number)) for number in range(901, 907)]
    walk = Walk(museum, people, seed=4)
    story = []
    for at in range(STEPS):
        story.append(await walk.step())
        assert await servers.difference(at // 3 % 2) == 0, story[-12:]
    assert servers.read_whole < STEPS / 2
    assert await servers.difference() == 0
    derived.clear()
    await museum.hall.house.store.database.bookings.update_one({}, {"$inc": {"entered": 1}})
    assert await servers.difference() == 0
    head = await head_of(VENUE)
    assert head is not None
    stored = await fingerprints(VENUE, bytes(head["salt"]))
    # Only what is compared with derived anything: a key for each record that there is.
    assert len(derived) == sum(known is not None for known in stored.values()) > 0


async def test_a_server_that_is_told_nothing_would_miss_a_booking(
    museum: Museum, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the difference is seen, and it is what the log tells that ends it."""
    visitor = await museum.visitor("901")
    assert await servers.difference() == 0

    async def nothing(*_: object) -> Touched:
        return Touched()

    with monkeypatch.context() as deaf:
        deaf.setattr(ExpectedBookings, "touched", nothing)
        await museum.booked(visitor, await museum.slot())
        assert await servers.difference() == 1
    whole = servers.read_whole
    assert await servers.difference(turn=1) == 0
    assert servers.read_whole == whole + 1  # the other server had none yet


async def test_without_a_log_sets_are_read_whole(
    museum: Museum, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = await museum.visitor("901")
    assert await servers.difference() == 0

    async def broken(*_: object) -> None:
        raise PyMongoError("gone")

    with monkeypatch.context() as cut:
        cut.setattr(StoreChanges, "_catch_up", broken)
        await museum.booked(visitor, await museum.slot())
        assert await servers.difference() == 0
    assert servers.read_whole == 2
    assert await servers.difference() == 0  # whole once more: nothing was noted meanwhile
    assert await servers.difference() == 0
    assert servers.read_whole == 3


async def test_a_log_tells_what_was_written_and_forgets_what_is_too_long_ago(
    museum: Museum, monkeypatch: pytest.MonkeyPatch
) -> None:
    bookings = museum.hall.house.store.database.bookings
    visitor = await museum.visitor("901")
    now = museum.hall.clock.now()
    log = StoreChanges(Watched(PlaceBooking.get_pymongo_collection, ("venue",)), most=30)
    start = await log.position()
    assert log.between(start, start) == []

    await bookings.insert_many([_booking(number, visitor, now) for number in range(25)])
    await bookings.delete_one({"_id": f"bkg_{3:032x}"})
    after = await log.position()
    told = log.between(start, after)
    assert told is not None
    assert {row["_id"] for row in told} == {f"bkg_{number:032x}" for number in range(25)}
    assert [row["_id"] for row in told if "venue" not in row] == [f"bkg_{3:032x}"]

    await bookings.update_many({}, {"$inc": {"entered": 1}})
    latest = await log.position()
    assert log.between(start, latest) is None
    assert len(log.between(after, latest) or ()) == 24
    monkeypatch.setattr("backend.foundation.store_changes._LONGEST_PAUSE_SECONDS", -1.0)
    anew = await log.position()
    assert log.between(latest, anew) is None
    assert log.between(anew, anew) == []


def test_no_more_cards_are_kept_than_so_many() -> None:
    now = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    card = CardRecords(CardOpeners(REGION, 1, None, {}), Holdings(), (), b"")

    def kept(cards: int) -> KeptSet:
        return KeptSet(b"salt", Span(now, now), (), [{}], dict.fromkeys(range(cards), card))

    sets = KeptSets(most=5)
    for venue in (1, 2, 3):
        sets.keep(venue, kept(2))
    sets.keep(2, kept(3))

    assert sets.take(2, b"another") is None
    sets.keep(2, kept(3))
    found = [sets.take(venue, b"salt") for venue in (1, 2, 3)]
    assert [one and len(one.records) for one in found] == [None, 3, 2]
