"""The pages of 亲情代办 about people: who acts for whom, one mandate, what was done with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mobile.core import moments
from mobile.core.mandate import (
    DELEGATE,
    PRINCIPAL,
    WARD,
    FamilySeen,
    Mandate,
    MandateAct,
    MoneyLimits,
)
from mobile.core.texts import say
from mobile.viewmodels.fact_cards import Fact, FactCard
from mobile.viewmodels.family_state import LIMITS, TAKE, TOLD, Course, FamilyState, Way
from shared.localized_text import Language

PAY = "PAY_SMALL"


@dataclass(frozen=True, slots=True)
class Words:
    """The family's words in the language of the phone, as of now."""

    language: Language
    now: datetime

    def say(self, key: str, **values: object) -> str:
        """Return one of the family's texts."""
        return say(self.language, f"family.{key}", **values)

    def scope(self, code: str) -> str:
        """Return what a scope allows."""
        return say(self.language, f"scope.{code}")

    def moment(self, moment: datetime) -> str:
        """Return a day, with its year unless it is this one, and its minute."""
        day = moments.near_day(moment, self.now, self.language)
        return f"{day} {moments.minute(moment)}"

    def yuan(self, fen: int) -> str:
        """Return an amount."""
        return f"¥{fen // 100:,}" if fen % 100 == 0 else f"¥{fen / 100:,.2f}"


def list_page(
    course: Course, known: FamilySeen | None, words: Words, *, elder: bool = False
) -> FamilyState:
    """Return everybody on both sides, whom one may act for first.

    Elder mode has this page on its first screen; elsewhere it is a touch further, so who may act is
    stopped from here: in three touches either way.
    """
    ways, rest = [], []
    for one in known.principals if known else ():
        mandate, text = one.mandate, words.say("for", name=one.name or "…")
        state = mandate.state_at(words.now)
        if state == "ACTIVE":
            ways.append(Way(f"switch:{mandate.identifier}", text, "account"))
        rest.append(_line(mandate, text, state, "document", words))
    for mandate in known.delegates if known else ():
        who = mandate.delegate_is.in_language(words.language)
        text = words.say("by", name=mandate.other_name or "…", who=who)
        state = mandate.state_at(words.now)
        rest.append(_line(mandate, text, state, "people", words))
        if _is_running(state) and not elder:
            stop = words.say("stop_one", name=mandate.other_name or "…")
            rest.append(Way(f"stop_one:{mandate.identifier}", stop, "account-remove"))
    news = tuple(
        Fact("information", words.moment(one.at), one.words.in_language(words.language))
        for one in course.news
    )
    nobody = () if ways or rest or known is None else (words.say("nobody"),)
    return FamilyState(
        title=words.say("title"),
        lead=words.say("lead"),
        ways=(*ways, *rest),
        facts=(*nobody, words.say("outlet")),
        acts=(
            Way(f"begin:{PRINCIPAL}", words.say("invite"), "account-plus", "outlined"),
            Way(f"begin:{DELEGATE}", words.say("offer"), "people", "outlined"),
            Way(f"go:{TAKE}", words.say("take"), "phone-key", "outlined"),
        ),
        news=(FactCard(news, title=words.say("news")),) if news else (),
    )


def _line(mandate: Mandate, text: str, state: str, icon: str, words: Words) -> Way:
    line = words.say("line.state", text=text, state=words.say(f"state.{state}"))
    return Way(f"open:{mandate.identifier}", line, icon)


def one_page(course: Course, known: FamilySeen | None, words: Words) -> FamilyState:
    """Return one mandate: what it allows, until when, and what can be done with it."""
    mandate = known.mandate(course.mandate) if known else None
    if mandate is None:
        return FamilyState(title=words.say("title"))
    state = mandate.state_at(words.now)
    live = [one.code for one in mandate.scopes if one.is_live(words.now)]
    name = mandate.other_name or "…"
    own = mandate.side == PRINCIPAL
    who = mandate.delegate_is.in_language(words.language)
    return FamilyState(
        title=words.say("by", name=name, who=who) if own else name,
        lead=words.say("confirm.lead") if own and state == "TAKEN" else "",
        urgent=(_stop(words),) if own and _is_running(state) else (),
        cards=(_card(mandate, _facts(mandate, live, words), words),),
        ways=tuple(_ways(mandate, state, live, words)),
        acts=tuple(_acts(mandate, state, live if own and len(live) > 1 else [], words)),
    )


def _card(mandate: Mandate, facts: Iterable[Fact], words: Words, *, title: str = "") -> FactCard:
    state = mandate.state_at(words.now)
    return FactCard(
        tuple(facts),
        title=title,
        state=words.say(f"state.{state}"),
        icon=_SIGNS.get(state, "alert"),
        attention=state in _NEEDS_SOMEBODY,
        plain=state == "ENDED",
    )


_SIGNS = {"ACTIVE": "check", "OFFERED": "hourglass", "TAKEN": "hourglass", "ENDED": "history"}
_NEEDS_SOMEBODY = frozenset({"TAKEN", "DISPUTED", "CHILD_CONSENT_DUE", "REVIEW_DUE"})


def _facts(mandate: Mandate, live: list[str], words: Words) -> Iterable[Fact]:
    yield Fact("calendar", words.say("how_long"), _how_long(mandate, words))
    yield from may(live, words)
    if PAY in live:
        yield Fact("wallet", words.say("limits"), limits_said(mandate.limits, words))
        yield from _spent(mandate, words)
    if mandate.uses:
        yield Fact("history", words.say("used"), words.say("uses", count=mandate.uses))


def may(live: list[str], words: Words) -> Iterable[Fact]:
    """Return what somebody may do, if anything."""
    if live:
        yield Fact("tick", words.say("may"), "\n".join(map(words.scope, live)))


def _how_long(mandate: Mandate, words: Words) -> str:
    if mandate.ends_at is not None:
        return words.say("until", moment=words.moment(mandate.ends_at))
    return words.say("days", days=mandate.days) if mandate.days else words.say("no_end")


def _spent(mandate: Mandate, words: Words) -> Iterable[Fact]:
    """Return what has been paid beside what may be: for both sides, before they pay again."""
    limits = mandate.limits
    if limits.per_act:
        spent = words.say(
            "spent",
            today=words.yuan(mandate.spent_today),
            month=words.yuan(mandate.spent_this_month),
            left_today=words.yuan(max(0, limits.per_day - mandate.spent_today)),
            left_month=words.yuan(max(0, limits.per_month - mandate.spent_this_month)),
        )
        yield Fact("savings", words.say("spent.so_far"), spent)


def limits_said(limits: MoneyLimits, words: Words) -> str:
    """Return what a delegate may pay, in words."""
    if not limits.per_act:
        return words.say("limits.none")
    amounts = {
        "act": words.yuan(limits.per_act),
        "day": words.yuan(limits.per_day),
        "month": words.yuan(limits.per_month),
    }
    return words.say("limits.now", **amounts)


def _ways(mandate: Mandate, state: str, live: list[str], words: Words) -> Iterable[Way]:
    if state != "OFFERED":
        yield Way("did", words.say("did"), "history")
    if mandate.side == DELEGATE and mandate.relation == WARD and state == "ACTIVE":
        yield Way("guarded", words.say("guarded"), "people")
    if mandate.side == PRINCIPAL and state == "ACTIVE":
        if PAY in live:
            yield Way(f"go:{LIMITS}", words.say("limits"), "wallet")
        yield Way(f"go:{TOLD}", words.say("told"), "message")


def _acts(mandate: Mandate, state: str, scopes: list[str], words: Words) -> Iterable[Way]:
    if state == "ENDED":
        return
    own = mandate.side == PRINCIPAL
    if own and state == "TAKEN":
        yield Way("confirm", words.say("confirm"), "check", "primary")
    if not own and state == "ACTIVE":
        text = words.say("switch", name=mandate.other_name)
        yield Way(f"switch:{mandate.identifier}", text, "account", "primary")
    if not _is_running(state):
        yield Way("stop:", words.say("withdraw"), "account-remove", "outlined")
    elif not own:
        yield _stop(words)
    for code in scopes if _is_running(state) else ():
        text = words.say("stop_scope", scope=words.scope(code))
        yield Way(f"stop:{code}", text, "", "outlined")
    if own and state == "ACTIVE":
        yield Way("dispute", words.say("dispute"), "alert", "outlined")


def _stop(words: Words) -> Way:
    return Way("stop:", words.say("stop"), "account-remove", "attention")


def _is_running(state: str) -> bool:
    return state not in {"OFFERED", "TAKEN", "ENDED"}


def did_page(course: Course, words: Words) -> FamilyState:
    """Return what was done with a mandate, by whom."""
    did = course.did
    none = did is not None and not did.acts
    more = Way("more", words.say("did.more"), "history", "outlined")
    return FamilyState(
        title=words.say("did"),
        facts=(words.say("did.none"),) if none else (),
        cards=tuple(_deed(one, words) for one in did.acts) if did else (),
        acts=(more,) if did and did.after else (),
    )


def _deed(act: MandateAct, words: Words) -> FactCard:
    who = words.say("did.delegate" if act.by_delegate else "did.own")
    return FactCard(
        (
            Fact("people" if act.by_delegate else "account", words.say("did.who"), who),
            Fact("clock", words.say("did.when"), words.moment(act.at)),
        ),
        title=act.words.in_language(words.language),
        state="" if act.done else words.say("did.refused"),
        icon="" if act.done else "alert",
        attention=not act.done,
    )


def guarded_page(course: Course, words: Words) -> FamilyState:
    """Return who else acts for the ward, each with what stops it."""
    found, cards, stops = course.guarded, list[FactCard](), list[Way]()
    for one in found.mandates if found else ():
        name, who = one.other_name or "…", one.delegate_is.in_language(words.language)
        runs = _is_running(one.state_at(words.now))
        live = [each.code for each in one.scopes if runs and each.is_live(words.now)]
        text = words.say("guarded.by", name=name, who=who)
        cards.append(_card(one, may(live, words), words, title=text))
        if runs:
            stop = words.say("guarded.stop", name=name)
            stops.append(Way(f"stop_guarded:{one.identifier}", stop, "account-remove", "attention"))
    nobody = (words.say("guarded.none"),) if found is not None and not cards else ()
    more = (Way("guarded_more", words.say("did.more"), "history", "outlined"),)
    return FamilyState(
        title=words.say("guarded"),
        lead=words.say("guarded.lead"),
        cards=tuple(cards),
        facts=nobody,
        acts=(*stops, *(more if found and found.after else ())),
    )
