"""What a resident should know now, each in words with its next step."""

from dataclasses import dataclass
from datetime import datetime

from mobile.core import moments
from mobile.core.card import CardState
from mobile.core.pending import PendingAct
from mobile.core.texts import say
from mobile.core.trouble import UNREACHABLE, Trouble
from mobile.core.trusted_time import NOTICEABLE
from mobile.services.city_time import CityTime
from mobile.services.session import Session
from mobile.services.wallet import Wallet
from mobile.viewmodels.lines import state_icon
from shared.localized_text import Language


@dataclass(frozen=True, slots=True)
class Notice:
    """A titled message; `attention` ones need something done, the others only reassure."""

    icon: str
    title: str
    body: str
    attention: bool = True


def notice_of(trouble: Trouble, language: Language, icon: str = "alert") -> Notice:
    """Return the notice of a trouble."""
    return Notice(icon, trouble.text.in_language(language), trouble.next_step.in_language(language))


def unanswered(act: PendingAct | None, now: datetime, language: Language) -> Notice | None:
    """Return that an act may or may not have been done, None where there is no such act."""
    if act is None:
        return None
    what = say(language, f"unanswered.{act.operation}")
    body = say(language, "unanswered.next", what=what, age=moments.age(act.since, now, language))
    return Notice("cloud-off", say(language, "unanswered.title"), body)


def blocking(session: Session, now: datetime, language: Language) -> Notice | None:
    """Return why no code may be shown, None when one may."""
    wallet, refusal = session.front, session.front_refusal
    if refusal is not None and (session.shown is None or wallet is None):
        return notice_of(refusal, language)
    if wallet is None:
        return _no_code_for_another(session, language)
    state = wallet.card.state
    if state is not CardState.ACTIVE:
        key = f"notice.{state.value.lower()}"
        return Notice(state_icon(state), say(language, key), say(language, f"{key}.next"))
    return _outside_certificate(wallet, now, language)


def _no_code_for_another(session: Session, language: Language) -> Notice | None:
    if session.shown is None:
        return None
    name = session.shown.name
    body = say(language, "acting.no_code.next")
    return Notice("cloud-off", say(language, "acting.no_code", name=name), body)


def passing(session: Session, time: CityTime, language: Language) -> tuple[Notice, ...]:
    """Return what is worth knowing beside the card, the gravest first."""
    wallet, now = session.front, time.now()
    if wallet is None:
        return ()
    usable = blocking(session, now, language) is None
    found = (
        notice_of(session.storage_trouble, language) if session.storage_trouble else None,
        _ending(session, wallet, now, language) if usable else None,
        _link(session, wallet, language) if usable else None,
        _clock(time, language),
    )
    return tuple(notice for notice in found if notice is not None)


def _outside_certificate(wallet: Wallet, now: datetime, language: Language) -> Notice | None:
    certificate = wallet.certificate.certificate
    if certificate.holds_at(now):
        return None
    if now < certificate.claims.not_before:
        return Notice(
            "clock-alert",
            say(language, "notice.not_yet"),
            say(language, "notice.not_yet.next"),
        )
    moment = moments.day_and_minute(wallet.certificate.not_after, language)
    return Notice(
        "clock-alert",
        say(language, "notice.ended", moment=moment),
        say(language, "notice.ended.next"),
    )


def _ending(session: Session, wallet: Wallet, now: datetime, language: Language) -> Notice | None:
    if not wallet.certificate.ends_soon(now):
        return None
    left = moments.span(wallet.certificate.not_after - now, language)
    refusal = session.renewal_refusal
    step = refusal.next_step.in_language(language) if refusal else None
    return Notice(
        "clock-alert",
        say(language, "notice.ending", left=left),
        step or say(language, "notice.ending.next"),
    )


def _link(session: Session, wallet: Wallet, language: Language) -> Notice | None:
    trouble, since = session.link.trouble, session.link.since
    if trouble is None or since is None:
        return None
    until = moments.day_and_minute(wallet.certificate.not_after, language)
    usable = say(language, "notice.offline.next", until=until)
    if trouble == UNREACHABLE:
        title = say(language, "notice.offline", since=moments.minute(since))
        return Notice("cloud-off", title, usable, attention=False)
    title, step = trouble.text.in_language(language), trouble.next_step.in_language(language)
    return Notice("cloud-off", title, say(language, "notice.server.next", step=step, usable=usable))


def _clock(time: CityTime, language: Language) -> Notice | None:
    error = time.error
    if abs(error) < NOTICEABLE:
        return None
    key = "notice.clock_ahead" if error > NOTICEABLE else "notice.clock_behind"
    return Notice(
        "clock-alert",
        say(language, key, span=moments.span(error, language)),
        say(language, "notice.clock.next"),
        attention=False,
    )
