"""A training voucher 职业培训券 in words."""

from dataclasses import dataclass
from datetime import datetime

from mobile.core import moments
from mobile.core.texts import TEXTS, say
from mobile.core.vouchers import Course, Voucher, VoucherState
from mobile.viewmodels.pass_lines import valid
from mobile.viewmodels.question import Question
from shared.localized_text import Language
from shared.money import format_yuan

_ICONS = {
    VoucherState.AVAILABLE: "check",
    VoucherState.RESERVED: "hourglass",
    VoucherState.CONFIRMED: "calendar-check",
    VoucherState.SETTLED: "history",
    VoucherState.EXPIRED: "clock-alert",
}


@dataclass(frozen=True, slots=True)
class VoucherView:
    """One voucher, ready to be drawn; words of what cannot be done with it are empty."""

    identifier: str
    name: str
    state: str
    icon: str
    attention: bool
    plain: bool
    value: str
    days: str
    types: str
    course: str
    course_more: str
    next: str
    reserve: str
    release: str

    def reading(self, language: Language) -> str:
        """Return it in words to be said."""
        return say(
            language,
            "voucher.reading",
            name=self.name,
            state=self.state,
            value=self.value,
            next=self.next,
        )


def course_type(code: str, language: Language) -> str:
    """Return a type of course in words; one that this app does not know by its code."""
    key = f"voucher.type.{code}"
    return say(language, key) if key in TEXTS else code


def voucher_state(voucher: Voucher, now: datetime, language: Language) -> tuple[str, str]:
    """Return a voucher's state in words, and its sign."""
    state = voucher.state_at(now)
    return say(language, f"voucher.state.{state.value.lower()}"), _ICONS.get(state, "refused")


def voucher_view(voucher: Voucher, now: datetime, language: Language) -> VoucherView:
    """Return a voucher as its page."""
    state, (words, icon) = voucher.state_at(now), voucher_state(voucher, now, language)
    separator = "、" if language == "zh" else ", "
    booked = state in {VoucherState.RESERVED, VoucherState.CONFIRMED, VoucherState.SETTLED}
    course = voucher.course if booked else None
    place = voucher.place.name.in_language(language) if voucher.place else ""
    return VoucherView(
        identifier=voucher.identifier,
        name=voucher.name.in_language(language),
        state=words,
        icon=icon,
        attention=state in {VoucherState.REVOKED, VoucherState.OTHER},
        plain=not voucher.is_open(now),
        value=format_yuan(voucher.value_fen),
        days=valid(voucher.days, now, language),
        types=separator.join(course_type(one, language) for one in voucher.course_types),
        course=_course_words(course, language) if course else "",
        course_more=_starts(course, place, now, language) if course else "",
        next=_next(voucher, now, language),
        reserve=say(language, "voucher.reserve") if state is VoucherState.AVAILABLE else "",
        release=say(language, "voucher.release") if state is VoucherState.RESERVED else "",
    )


def release_question(
    voucher: Voucher, now: datetime, language: Language, *, busy: bool
) -> Question:
    """Return what is asked before a reservation is cancelled."""
    view = voucher_view(voucher, now, language)
    return Question(
        icon="calendar-remove",
        title=say(language, "voucher.release.sure"),
        points=(f"{view.course}\n{view.course_more}", say(language, "voucher.release.after")),
        yes=say(language, "sign_in.busy" if busy else "voucher.release.yes"),
        no=say(language, "voucher.release.no"),
        busy=busy,
    )


def reserve_question(
    course: Course, place: str, now: datetime, language: Language, *, busy: bool
) -> Question:
    """Return what is asked before a course is reserved."""
    return Question(
        icon="document",
        title=say(language, "voucher.sure"),
        points=(
            _course_words(course, language),
            _starts(course, place, now, language),
            say(language, "voucher.sure.after"),
        ),
        yes=say(language, "sign_in.busy" if busy else "voucher.sure.yes"),
        no=say(language, "voucher.sure.no"),
        busy=busy,
    )


def _course_words(course: Course, language: Language) -> str:
    kind = course_type(course.course_type, language)
    return say(language, "voucher.course.words", kind=kind, number=course.number)


def _starts(course: Course, place: str, now: datetime, language: Language) -> str:
    day = moments.near_day(moments.noon(course.starts_on), now, language)
    name = place or say(language, "voucher.place.unknown")
    return say(language, "voucher.course.starts", place=name, day=day)


def _next(voucher: Voucher, now: datetime, language: Language) -> str:
    state, settled = voucher.state_at(now), voucher.settlement
    if state is VoucherState.SETTLED and settled is not None:
        return say(
            language,
            f"voucher.next.{'settled' if settled.fen else 'unpaid'}",
            attended=settled.attended,
            planned=settled.planned,
            paid=format_yuan(settled.fen),
            percent=voucher.least_percent,
        )
    if state is VoucherState.SETTLED:
        return say(language, "voucher.next.other")
    until = moments.day_and_minute(voucher.held_until or now, language)
    key = f"voucher.next.{state.value.lower()}"
    return say(language, key, until=until, percent=voucher.least_percent)
