"""Examinations in words: seats one has, and what one can register for."""

from dataclasses import dataclass
from datetime import datetime

from mobile.core import moments
from mobile.core.exam import ExamSeat, ExamsSeen, Standing
from mobile.core.exam_opening import ExamOpening, Registered
from mobile.core.texts import say
from mobile.viewmodels.notices import Notice, notice_of
from mobile.viewmodels.question import Question
from shared.localized_text import Language
from shared.money import format_yuan

_SIGNS = {
    Standing.AHEAD: "clock",
    Standing.OPEN: "door",
    Standing.SHUT: "refused",
    Standing.CHECKED_IN: "check",
    Standing.OVER: "history",
}


@dataclass(frozen=True, slots=True)
class ExamLine:
    """A seat, ready to be drawn; `comes` while its candidate may still be let in.

    `first` is the one that comes next: the code is beside it alone.
    """

    name: str
    state: str
    icon: str
    attention: bool
    over: bool
    comes: bool
    first: bool
    start: str
    end: str
    venue: str
    address: str
    seat: str
    entry: str
    late: str


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """A session to register for, in a few words."""

    session: str
    name: str
    detail: str
    state: str
    icon: str
    attention: bool


@dataclass(frozen=True, slots=True)
class ExamFact:
    """A plain question and its answer; `more` in smaller type under it."""

    icon: str
    heading: str
    text: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class OpeningView:
    """A session with what one should know before registering; `act` empty where there is none."""

    row: OpeningRow
    facts: tuple[ExamFact, ...]
    blocked: Notice | None
    act: str
    withdraws: bool

    def reading(self) -> str:
        """Return it in words to be said."""
        facts = " ".join(f"{one.heading} {one.text} {one.more}。" for one in self.facts)
        blocked = f"{self.blocked.title}。{self.blocked.body}" if self.blocked else ""
        return f"{self.row.name}，{self.row.state}。{facts}{blocked}"


def exam_lines(known: ExamsSeen, now: datetime, language: Language) -> tuple[ExamLine, ...]:
    """Return the seats in words, what comes next first."""
    ordered = known.in_order(now)
    coming = {Standing.AHEAD, Standing.OPEN}
    first = next((one for one in ordered if one.standing(now) in coming), None)
    return tuple(_line(one, known, now, language, first=one is first) for one in ordered)


def _line(
    one: ExamSeat, known: ExamsSeen, now: datetime, language: Language, *, first: bool
) -> ExamLine:
    standing = one.standing(now)
    comes = standing in {Standing.AHEAD, Standing.OPEN}
    venue = known.venues.get(one.venue)
    address = venue.address.in_language(language) if venue and venue.address else ""
    times = {name: _clock(at, one.starts_at, language) for name, at in _moments(one)}
    day = moments.coming_day(one.starts_at, now, language)
    late = say(language, "exam.entry.late", until=times["until"])
    return ExamLine(
        name=one.name.in_language(language),
        state=say(language, f"exam.state.{standing}", time=times["entered"]),
        icon=_SIGNS[standing],
        attention=standing is Standing.SHUT,
        over=standing is Standing.OVER,
        comes=comes,
        first=first,
        start=say(language, "exam.start", day=day, start=times["start"]),
        end=say(language, "exam.end", end=times["end"]),
        venue=venue.name.in_language(language)
        if venue
        else say(language, "exam.venue", number=one.venue),
        address=address if venue else say(language, "exam.venue.unread"),
        seat=say(language, "exam.seat.number", number=one.seat),
        entry=say(language, "exam.entry.times", open=times["open"], until=times["until"]),
        late=late if comes else say(language, "exam.shut"),
    )


def _moments(one: ExamSeat) -> tuple[tuple[str, datetime], ...]:
    return (
        ("start", one.starts_at),
        ("end", one.ends_at),
        ("open", one.entry_from),
        ("until", one.entry_until),
        ("entered", one.entered_at or one.starts_at),
    )


def _clock(at: datetime, beside: datetime, language: Language) -> str:
    """Return 09:00, with its day where that is not the day it stands beside."""
    if moments.same_day(at, beside):
        return moments.minute(at)
    return moments.day_and_minute(at, language)


def offered(known: ExamsSeen) -> tuple[ExamOpening, ...]:
    """Return what has no seat yet: what one registered for first, then what one can."""
    shown = [one for one in known.openings if one.registered is not Registered.SEATED]
    return tuple(sorted(shown, key=lambda one: (not one.stands, one.refused is not None)))


def opening_row(one: ExamOpening, now: datetime, language: Language) -> OpeningRow:
    """Return a session in a few words."""
    state, icon, attention = _state(one, now)
    day = moments.coming_day(one.starts_at, now, language)
    start = moments.minute(one.starts_at)
    return OpeningRow(
        session=one.session,
        name=one.name.in_language(language),
        detail=say(language, "exam.start", day=day, start=start),
        state=say(language, f"exam.offer.{state}", left=one.left),
        icon=icon,
        attention=attention,
    )


def opening_view(one: ExamOpening, now: datetime, language: Language) -> OpeningView:
    """Return a session as its page."""
    barred = one.refused if not one.stands and now < one.closes_at else None
    can_withdraw = one.stands and now < one.closes_at
    can_register = not one.stands and one.refused is None and one.opens_at <= now < one.closes_at
    act = "exam.withdraw" if can_withdraw else "exam.register"
    return OpeningView(
        row=opening_row(one, now, language),
        facts=tuple(_facts(one, now, language)),
        blocked=notice_of(barred, language, "information") if barred else None,
        act=say(language, act) if can_withdraw or can_register else "",
        withdraws=can_withdraw,
    )


def act_question(one: ExamOpening, now: datetime, language: Language, *, busy: bool) -> Question:
    """Return what is asked before one registers, or withdraws."""
    name, kind = one.name.in_language(language), "withdraw" if one.stands else "register"
    closes = _moment(one.closes_at, now, language)
    day = moments.coming_day(one.starts_at, now, language)
    when = say(language, "exam.start", day=day, start=moments.minute(one.starts_at))
    points = [when, say(language, f"exam.{kind}.sure.until", closes=closes)]
    if not one.stands and one.total_fen:
        total = format_yuan(one.total_fen)
        points.append(say(language, "exam.register.sure.fee", total=total))
    return Question(
        "document",
        say(language, f"exam.{kind}.sure", name=name),
        tuple(points),
        say(language, "sign_in.busy" if busy else f"exam.{kind}.yes"),
        say(language, f"exam.{kind}.no"),
        grave=one.stands,
        busy=busy,
    )


def _state(one: ExamOpening, now: datetime) -> tuple[str, str, bool]:
    if one.stands:
        return "registered", "check", False
    if now >= one.closes_at:
        return "over", "history", False
    if now < one.opens_at:
        return "ahead", "clock", False
    if one.refused is None:
        return ("open_few" if one.left == 1 else "open"), "document", False
    return ("refused" if one.left else "full"), "refused", True


def _facts(one: ExamOpening, now: datetime, language: Language) -> list[ExamFact]:
    day = moments.coming_day(one.starts_at, now, language)
    end = say(language, "exam.end", end=_clock(one.ends_at, one.starts_at, language))
    start = say(language, "exam.start", day=day, start=moments.minute(one.starts_at))
    facts = [ExamFact("calendar", say(language, "exam.when"), start, end)]
    if one.venue is not None:
        address = one.venue.address.in_language(language) if one.venue.address else ""
        name = one.venue.name.in_language(language)
        facts.append(ExamFact("place", say(language, "exam.where"), name, address))
    closes = say(language, "exam.window.closes", at=_moment(one.closes_at, now, language))
    opens = say(language, "exam.window.opens", at=_moment(one.opens_at, now, language))
    facts.append(ExamFact("clock", say(language, "exam.window"), closes, opens))
    facts.append(ExamFact("account", say(language, "exam.who"), _who(one, language)))
    facts.append(_fee(one, language))
    return facts


def _who(one: ExamOpening, language: Language) -> str:
    asked = []
    if one.youngest and one.oldest is not None:
        words = {"youngest": one.youngest, "oldest": one.oldest}
        asked.append(say(language, "exam.who.between", **words))
    elif one.youngest:
        asked.append(say(language, "exam.who.from", youngest=one.youngest))
    elif one.oldest is not None:
        asked.append(say(language, "exam.who.to", oldest=one.oldest))
    if one.categories:
        names = say(language, "exam.who.or").join(
            one.in_language(language) for one in one.categories
        )
        asked.append(say(language, "exam.who.only", names=names))
    return "\n".join(asked) or say(language, "exam.who.all")


def _fee(one: ExamOpening, language: Language) -> ExamFact:
    heading = say(language, "exam.fee")
    total = format_yuan(one.total_fen) if one.total_fen else say(language, "exam.fee.none")
    if len(one.lines) < 2:
        return ExamFact("wallet", heading, total, _pay(one, language))
    rows = [f"{line.words.in_language(language)} {format_yuan(line.fen)}" for line in one.lines]
    pay = _pay(one, language)
    return ExamFact("wallet", heading, total, "\n".join([*rows, *([pay] if pay else [])]))


def _pay(one: ExamOpening, language: Language) -> str:
    return say(language, "exam.fee.where") if one.total_fen else ""


def _moment(at: datetime, now: datetime, language: Language) -> str:
    return f"{moments.near_day(at, now, language)} {moments.minute(at)}"
