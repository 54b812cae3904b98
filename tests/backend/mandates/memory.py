"""Mandates kept in memory, judged by the product's rules: a store of which faults can be asked."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from backend.figures import MandateFigures
from backend.foundation.audit_chain import FIRST_PREVIOUS, link_hash
from backend.foundation.refusals import Refusal
from backend.mandates.granting import (
    Bindings,
    Parties,
    Terms,
    grant,
    refusal_of_quota,
    refusal_to_grant,
    terms_of,
)
from backend.mandates.rules import MandateFacts, MandateState, is_dormant, refusal_to_use
from backend.mandates.scopes import SENSITIVE, Channel, Evidence, Relation, Scope

FIGURES = MandateFigures()
_MONTH = timedelta(days=30)


class Fault(StrEnum):
    """What a store of mandates can do wrong; each must be noticed by the stories."""

    DISPUTE_IGNORED = "dispute ignored"
    MONEY_NOT_FROZEN = "another delegate pays during a dispute"
    EXPIRY_IGNORED = "expiry ignored"
    SCOPE_NOT_CHECKED = "scope not checked"
    COOLING_IGNORED = "cool-down ignored"
    STOP_IGNORED = "stop ignored"
    DEATH_IGNORED = "death ignored"
    BIRTHDAY_IGNORED = "a child's birthdays ignored"
    SLEEP_IGNORED = "what slept is woken by a use"
    ANYBODY_ACTS = "any delegate of the principal acts"
    NOTICE_DOUBLED = "notice doubled"
    NOTICE_LOST = "notice lost"
    ROW_LOST = "audit row lost"
    ROW_REWRITTEN = "audit row rewritten"
    OTHERS_SHOWN = "a delegate sees the others"


@dataclass
class Kept:
    """A mandate as it is kept."""

    principal: str
    delegate: str
    relation: Relation
    facts: MandateFacts
    exempt: bool
    since: datetime


@dataclass
class Memory:
    """All that is kept of mandates."""

    births: dict[str, date]
    fault: Fault | None = None
    kept: list[Kept] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)
    rows: list[dict[str, Any]] = field(default_factory=list)
    links: list[bytes] = field(default_factory=list)
    notices: list[tuple[str, int]] = field(default_factory=list)

    def give(self, who: tuple[str, str], relation: Relation, scopes: list[Scope], days: int | None,
             how: tuple[Channel, Evidence], now: datetime) -> Refusal | None:  # fmt: skip
        """Confirm a mandate between a principal and a delegate."""
        terms = terms_of(relation, scopes, days)
        if isinstance(terms, Refusal):
            return terms
        (principal, delegate), (channel, evidence) = who, how
        guarded = any(
            one.relation is Relation.WARD and one.principal == principal for one in self.kept
        )
        judged = Parties(
            same=principal == delegate,
            principal_birth=self.births[principal],
            delegate_birth=self.births[delegate],
            both_present=self.dead.isdisjoint(who),
            under_guardianship=guarded,
        )
        refused = refusal_to_grant(terms, judged, channel, evidence, FIGURES, now)
        refused = refused or refusal_of_quota(relation, self._bindings(*who, now), FIGURES)
        if refused is None:
            self._keep(who, terms, channel, now)
        return refused

    def use(self, number: int, by: str, scope: Scope, now: datetime) -> Refusal | None:
        """Act once; what is done leaves its row, its link and its notice."""
        one = self.kept[number]
        refused = refusal_to_use(self._looked_at(one, scope, now), by, scope, FIGURES, now)
        if refused is not None:
            return refused
        if is_dormant(one.facts, FIGURES, now) and self.fault is not Fault.SLEEP_IGNORED:
            self._until(one, SENSITIVE, now)
        one.facts = replace(one.facts, used_at=now)
        self._write(number, by, one.principal, now)
        return None

    def stop(self, number: int, scope: Scope | None, now: datetime) -> None:
        """Stop one scope, or all."""
        one = self.kept[number]
        if self.fault is Fault.STOP_IGNORED:
            return
        if scope is not None and one.facts.state is MandateState.ACTIVE:
            self._until(one, {scope}, now)
        elif scope is None:
            self._end(one)

    def dispute(self, number: int) -> bool:
        """Suspend a mandate and freeze the principal's money."""
        one = self.kept[number]
        if one.facts.state is not MandateState.ACTIVE:
            return False
        one.facts = replace(one.facts, disputed=True)
        return True

    def settle(self, number: int, *, upheld: bool) -> bool:
        """Let it go on or end it."""
        one = self.kept[number]
        if not one.facts.disputed or one.facts.state is not MandateState.ACTIVE:
            return False
        one.facts = replace(one.facts, disputed=False)
        if not upheld:
            self._end(one)
        return True

    def consent(self, number: int, now: datetime) -> None:
        """Take the word of a child of fourteen."""
        one = self.kept[number]
        if one.facts.consent_from is not None and now >= one.facts.consent_from:
            one.facts = replace(one.facts, consent_from=None)

    def review(self, number: int, now: datetime) -> None:
        """Look at a guardian's papers again."""
        one = self.kept[number]
        if one.facts.review_by is not None:
            until = now + timedelta(days=FIGURES.review_days)
            one.facts = replace(one.facts, review_by=until)

    def die(self, person: str) -> None:
        """Take note of a death."""
        self.dead.add(person)
        for one in self.kept:
            if person in {one.principal, one.delegate} and self.fault is not Fault.DEATH_IGNORED:
                self._end(one)

    def seen_by(self, person: str) -> set[int]:
        """Return which mandates a delegate's list names."""
        theirs = {number for number, one in enumerate(self.kept) if one.delegate == person}
        if self.fault is Fault.OTHERS_SHOWN and theirs:
            of = {self.kept[number].principal for number in theirs}
            theirs |= {number for number, one in enumerate(self.kept) if one.principal in of}
        return theirs

    def _keep(self, who: tuple[str, str], terms: Terms, channel: Channel, now: datetime) -> None:
        made = grant(terms, self.births[who[0]], channel, FIGURES, now)
        facts = MandateFacts(
            delegate=who[1],
            state=MandateState.ACTIVE,
            scopes=made.scopes,
            ends_at=made.ends_at,
            used_at=now,
            review_by=made.review_by,
            consent_from=made.consent_from,
        )
        exempt = channel is Channel.DOCUMENT
        self.kept.append(Kept(*who, terms.relation, facts, exempt, now))

    def _looked_at(self, one: Kept, scope: Scope, now: datetime) -> MandateFacts:
        """Return what decides about a use, as a store with this fault would see it."""
        frozen = any(
            other.facts.disputed
            and other.facts.state is MandateState.ACTIVE
            and other.principal == one.principal
            for other in self.kept
        )
        facts = replace(one.facts, money_frozen=frozen)
        early = [replace(g, since=min(g.since, now)) for g in facts.scopes]
        wide = [replace(facts.scopes[0], scope=scope, since=now, until=None)]
        grown = [replace(g, until=None) for g in facts.scopes]
        blind: dict[Fault, dict[str, Any]] = {
            Fault.DISPUTE_IGNORED: {"disputed": False, "money_frozen": False},
            Fault.MONEY_NOT_FROZEN: {"money_frozen": False},
            Fault.EXPIRY_IGNORED: {"ends_at": None},
            Fault.SCOPE_NOT_CHECKED: {"scopes": tuple(wide)},
            Fault.COOLING_IGNORED: {"scopes": tuple(early)},
            Fault.BIRTHDAY_IGNORED: {"scopes": tuple(grown), "consent_from": None},
        }
        if self.fault is Fault.ANYBODY_ACTS:
            others = [o for o in self.kept if o.principal == one.principal]
            return replace(facts, delegate=others[-1].delegate)
        return replace(facts, **blind.get(self.fault, {})) if self.fault else facts

    def _until(self, one: Kept, scopes: set[Scope] | frozenset[Scope], now: datetime) -> None:
        granted = tuple(
            replace(g, until=min(g.until or now, now)) if g.scope in scopes else g
            for g in one.facts.scopes
        )
        one.facts = replace(one.facts, scopes=granted)

    def _end(self, one: Kept) -> None:
        one.facts = replace(one.facts, state=MandateState.ENDED)

    def _write(self, number: int, by: str, principal: str, now: datetime) -> None:
        row = {"at": now, "actor": by, "subject": principal, "mandate": number}
        if self.fault is not Fault.ROW_LOST:
            self.links.append(link_hash(self.links[-1] if self.links else FIRST_PREVIOUS, row))
            self.rows.append(row)
        told = {Fault.NOTICE_DOUBLED: 2, Fault.NOTICE_LOST: 0}
        self.notices += [(principal, number)] * (told.get(self.fault, 1) if self.fault else 1)
        if self.fault is Fault.ROW_REWRITTEN and len(self.rows) > 1:
            self.rows[0] = {**self.rows[0], "actor": principal}

    def _bindings(self, principal: str, delegate: str, now: datetime) -> Bindings:
        counted = [one for one in self.kept if not one.exempt]
        live = [one for one in counted if one.facts.state is MandateState.ACTIVE]
        return Bindings(
            of_delegate=Counter(one.relation for one in live if one.delegate == delegate),
            of_principal=sum(one.principal == principal for one in live),
            recent=sum(one.delegate == delegate and one.since > now - _MONTH for one in counted),
            between=any(
                (one.principal, one.delegate) == (principal, delegate)
                and one.facts.state is MandateState.ACTIVE
                for one in self.kept
            ),
        )
