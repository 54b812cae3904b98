"""Online checks 联网核验: the admission rule asked with what the backend knows this minute.

An admission is claimed before it is answered, in one document for each holder and venue that is
written only as it was read: of two gates that ask at once, the second reads the first one's claim.
A claim lasts until its scan is booked, or a short while where nobody came through.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from backend.cards.lifecycle import CardState
from backend.cards.rules import DeviceState
from backend.cards.service import Cards, ShownCard
from backend.foundation.entitlements import CardEntitlements, Entitlements
from backend.foundation.one_trip import insert_if_new
from backend.foundation.refusals import Refusal
from backend.readers.documents import AdmissionClaim, Scan
from backend.readers.flow import Flow
from backend.readers.rules import TERMINAL_BLOCKED, TERMINAL_UNKNOWN, VENUE_UNKNOWN
from backend.readers.service import TerminalFacts, Terminals
from backend.venues.service import VenueFacts, Venues
from shared.admission.answer import refuse
from shared.admission.circumstances import Circumstances, HeldBooking, HeldPass
from shared.admission.evidence import Medium
from shared.admission.rules import AdmissionRules, Decision, decide
from shared.admission.time_conditions import EntriesToday, NotFull, NotInside, SinceLastEntry
from shared.clock import LOCAL_ZONE, Clock
from shared.ecode.reasons import Reason
from shared.ecode.representation import FIRST_SERIAL
from shared.wire.admission_check import AdmissionAnswer, AdmissionCheck

CLAIM_LASTS = timedelta(minutes=2)
"""Longer than a reader's round of uploads takes; then nobody came through, or it is offline."""
_VENUE_RESTS_SECONDS = 2.0
_TRIES = 8
_ASK_ENTRIES = frozenset({EntriesToday.kind, SinceLastEntry.kind, NotInside.kind})
_ENTRIES = "entries"
_ENTRY = {"scanned_at": 1, "entered": 1, "left": 1}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Gates:
    """What the gates of a venue decide by, and the kinds of conditions among it."""

    facts: VenueFacts
    rules: AdmissionRules
    kinds: frozenset[str]
    read_at: float


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a holder at a venue: what they have, and who of them came through."""

    held: CardEntitlements
    entries: Sequence[Row]
    people_inside: int | None


class OnlineChecks:
    """Answers readers about one visitor each.

    `sources` tell what a holder has, by the kind of condition that asks for it.
    """

    def __init__(
        self,
        sources: Mapping[str, Entitlements],
        cards: Cards,
        venues: Venues,
        terminals: Terminals,
        flow: Flow,
        clock: Clock,
    ) -> None:
        self._sources = sources
        self._cards = cards
        self._venues = venues
        self._terminals = terminals
        self._flow = flow
        self._clock = clock
        self._gates: dict[int, _Gates] = {}

    async def answer(
        self, terminal: TerminalFacts, asked: AdmissionCheck
    ) -> AdmissionAnswer | Refusal:
        """Decide about a visitor, and claim the admission; asked again, it is the same claim.

        An enquiry is decided alike, by the claims of others too, and claims nothing.
        `terminal` may be of some seconds ago: how it stands now is read with the card.
        """
        gates = await self._of(terminal.venue_number)
        if gates is None:
            return VENUE_UNKNOWN
        now = self._clock.now()
        card = await self._card(gates, terminal, asked, now)
        asking = await self._asking(terminal, card)
        if isinstance(asking, Refusal):
            return asking
        card = _of_this_city(card, asked)
        stopped = None if card is None else _stopped(card, asked, now)
        if stopped is not None:
            return AdmissionAnswer(refuse(stopped))
        known = await self._known(gates, card, asked)
        name = f"{gates.facts.number}.{_holder(card, asked)}"
        for number in range(_TRIES):
            # Mostly nobody else claims anything: that is tried first, and costs no read.
            kept = await _kept(name) if number or asked.enquiry else None
            claims = await _pending(kept, now)
            others = [one for one in claims if one["check"] != asked.check_id]
            decision = _decided(gates, known, others, asked, now)
            if not decision.answer.verdict.opens:
                return AdmissionAnswer.of_decision(decision)
            answer = AdmissionAnswer.of_decision(decision)
            if asked.enquiry or await self._claimed(
                name, kept, [*others, _claim(answer, asked, now)], now
            ):
                return answer
        return AdmissionAnswer(refuse(Reason.REPLAYED))

    async def _of(self, number: int) -> _Gates | None:
        """Return a venue's rules, read anew every other second."""
        monotonic, kept = self._clock.monotonic(), self._gates.get(number)
        if kept is not None and monotonic - kept.read_at < _VENUE_RESTS_SECONDS:
            return kept
        facts = await self._venues.facts(number)
        if facts is None:
            return None
        rules = facts.gate_rules
        wire = rules.to_wire()
        kinds = frozenset(_kinds([wire["conditions"], wire["prices"]]))
        kept = _Gates(facts, rules, kinds, monotonic)
        self._gates[number] = kept
        return kept

    async def _card(
        self, gates: _Gates, terminal: TerminalFacts, asked: AdmissionCheck, now: datetime
    ) -> ShownCard | None:
        """Return the card that was shown, with all that is asked of it beside, in one read."""
        beside = [self._terminals.beside(terminal.terminal_id)]
        if _asks_entries(gates, asked):
            beside.append(_entries_beside(gates.facts.number, asked.check_id, now))
        until = now + timedelta(days=1)
        beside += [
            source.beside(gates.facts.number, "resident_id", now, until)
            for kind, source in self._sources.items()
            if kind in gates.kinds
        ]
        if asked.card_digest is not None:
            return await self._cards.shown_by_digest(bytes.fromhex(asked.card_digest), beside)
        if asked.card_index is None:
            return None
        serial = asked.device_serial or 0
        return await self._cards.shown_by_index(asked.card_index, serial, beside)

    async def _asking(
        self, terminal: TerminalFacts, card: ShownCard | None
    ) -> TerminalFacts | Refusal:
        """Return the terminal as it is now, or why it may ask no more."""
        if card is None:
            now = await self._terminals.again(terminal.terminal_id)
        else:
            now = self._terminals.in_row(card.beside)
        if now is None:
            return TERMINAL_UNKNOWN
        return TERMINAL_BLOCKED if now.blocked else now

    async def _known(self, gates: _Gates, card: ShownCard | None, asked: AdmissionCheck) -> _Known:
        """Return what the venue's rules ask about, and nothing else."""
        kinds = gates.kinds
        people = await self._people(gates, asked.lane) if NotFull.kind in kinds else None
        if card is None:
            return _Known(CardEntitlements(0), (), people)
        entries = card.beside[_ENTRIES] if _asks_entries(gates, asked) else ()
        held = [
            await source.held_in(gates.facts.number, card.beside)
            for kind, source in self._sources.items()
            if kind in kinds
        ]
        bookings = tuple(booking for one in held for booking in one.bookings)
        passes = tuple(one_pass for one in held for one_pass in one.passes)
        return _Known(CardEntitlements(0, bookings, passes), entries, people)

    async def _people(self, gates: _Gates, lane: int) -> int | None:
        counted = await self._flow.of_today(gates.facts.number, rested=True)
        if isinstance(counted, Refusal):
            return None
        area = gates.facts.lane_areas.get(lane)
        return next((one.inside for one in counted.areas if one.area == area), None)

    async def _claimed(
        self, name: str, kept: Row | None, claims: Sequence[Row], now: datetime
    ) -> bool:
        """Write claims if nobody wrote any since they were read."""
        fields = {"claims": list(claims), "expires_at": now + CLAIM_LASTS}
        stored = AdmissionClaim.get_pymongo_collection()
        if kept is None:
            # Not known to be written, it is read: a claim of this very check counts not against it.
            return await insert_if_new(stored, {"_id": name, "revision": 1, **fields})
        revision = kept["revision"]
        done = await stored.update_one(
            {"_id": name, "revision": revision}, {"$set": {**fields, "revision": revision + 1}}
        )
        return done.matched_count > 0


def _decided(
    gates: _Gates, known: _Known, claims: Sequence[Row], asked: AdmissionCheck, now: datetime
) -> Decision:
    midnight = now.astimezone(LOCAL_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    came = [one["scanned_at"] for one in known.entries if one.get("entered")]
    came += [one["at"] for one in claims]
    today = [one for one in known.entries if one["scanned_at"] >= midnight]
    newest = max(today, key=lambda one: one["scanned_at"], default=None)
    around = Circumstances(
        now,
        gates.facts.number,
        area=gates.facts.lane_areas.get(asked.lane),
        party=asked.party,
        bookings=tuple(_booking_left(one, claims) for one in known.held.bookings),
        passes=tuple(_pass_left(one, claims) for one in known.held.passes),
        entries_today=sum(at >= midnight for at in came),
        last_entry=max(came, default=None),
        inside=bool(claims) or (newest is not None and bool(newest.get("entered"))),
        people_inside=known.people_inside,
    )
    return decide(asked.evidence, around, gates.rules)


def _booking_left(held: HeldBooking, claims: Iterable[Row]) -> HeldBooking:
    return replace(held, entered=held.entered + _claimed_on(held.booking_id, claims))


def _pass_left(held: HeldPass, claims: Iterable[Row]) -> HeldPass:
    return replace(held, used=held.used + _claimed_on(held.pass_id, claims))


def _claimed_on(reference: str, claims: Iterable[Row]) -> int:
    return sum(one["persons"] for one in claims if reference in one["counted_on"])


def _claim(answer: AdmissionAnswer, asked: AdmissionCheck, now: datetime) -> Row:
    return {
        "check": asked.check_id,
        "at": now,
        "persons": answer.admits,
        "counted_on": list(answer.counted_on),
    }


async def _kept(name: str) -> Row | None:
    return await AdmissionClaim.get_pymongo_collection().find_one({"_id": name})


async def _pending(kept: Row | None, now: datetime) -> list[Row]:
    """Return the claims that still count: not over, and their scans not booked yet."""
    claims = [one for one in (kept or {}).get("claims", ()) if now - one["at"] < CLAIM_LASTS]
    if not claims:
        return []
    wanted = {"_id": {"$in": [one["check"] for one in claims]}}
    booked = {row["_id"] async for row in Scan.get_pymongo_collection().find(wanted, {"_id": 1})}
    return [one for one in claims if one["check"] not in booked]


def _asks_entries(gates: _Gates, asked: AdmissionCheck) -> bool:
    return bool(gates.kinds & _ASK_ENTRIES) or asked.evidence.medium is Medium.PAPER


def _entries_beside(venue: int, check_id: str, now: datetime) -> Row:
    """Put a card's holder's other passages of a day beside it that nothing annulled."""
    wanted = {
        "scanned_at": {"$gte": now - timedelta(days=1)},
        "venue_number": venue,
        "_id": {"$ne": check_id},
        "$or": [{"entered": {"$gt": 0}}, {"left": {"$gt": 0}}],
    }
    return {
        "$lookup": {
            "from": Scan.get_collection_name(),
            "localField": "resident_id",
            "foreignField": "visitor",
            "pipeline": [{"$match": wanted}, {"$project": _ENTRY}],
            "as": _ENTRIES,
        }
    }


def _stopped(card: ShownCard, asked: AdmissionCheck, now: datetime) -> Reason | None:
    """Return why a card counts no more, which the reader's list may not say yet."""
    if card.state is CardState.SUSPENDED:
        return Reason.CARD_SUSPENDED
    if card.state is not CardState.ACTIVE:
        return Reason.CARD_REVOKED
    if card.expires_at is not None and card.expires_at <= now:
        return Reason.CARD_REVOKED
    own_phone = asked.device_serial is not None and asked.device_serial < FIRST_SERIAL
    unbound = own_phone and card.device is not DeviceState.BOUND
    return Reason.DEVICE_UNBOUND if unbound else None


def _of_this_city(card: ShownCard | None, asked: AdmissionCheck) -> ShownCard | None:
    """Return a card but where its number is that of another region's."""
    known = card is not None and (asked.card_digest or card.region == asked.evidence.region)
    return card if known else None


def _holder(card: ShownCard | None, asked: AdmissionCheck) -> str:
    if card is not None:
        return card.resident_id
    return asked.card_digest or f"{asked.evidence.region}-{asked.card_index}"


def _kinds(wire: Any) -> Iterator[str]:
    """Yield the kinds of all conditions anywhere in rules."""
    if isinstance(wire, dict):
        if isinstance(wire.get("kind"), str):
            yield wire["kind"]
        wire = list(wire.values())
    if isinstance(wire, list):
        for one in wire:
            yield from _kinds(one)
