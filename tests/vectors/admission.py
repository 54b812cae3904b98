"""Read `admission.json` for whoever decides about visitors, and compare a decision with it."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from shared.admission.circumstances import Circumstances, HeldBooking, HeldPass
from shared.admission.evidence import AgeRange, Category, Evidence, Medium
from shared.admission.rules import AdmissionRules, Decision
from shared.identity.age import age_on, local_day

FILE = Path(__file__).with_name("admission.json")


@dataclass(frozen=True)
class AdmissionCase:
    """One visitor at one venue, with what must come of it."""

    name: str
    rules: AdmissionRules
    evidence: Evidence
    around: Circumstances
    expect: dict[str, Any]


@cache
def rule_sets() -> dict[str, AdmissionRules]:
    """Return every set of rules by its name."""
    return {name: AdmissionRules.of_wire(wire) for name, wire in _document()["rules"].items()}


@cache
def cases() -> tuple[AdmissionCase, ...]:
    """Return every case."""
    return tuple(_case(values) for values in _document()["cases"])


def observed(decision: Decision, expect: dict[str, Any]) -> dict[str, Any]:
    """Return of a decision what `expect` speaks of, in its form."""
    answer, quote = decision.answer, decision.quote
    told = decision.failures[0] if decision.failures else None
    seen: dict[str, Any] = {
        "verdict": answer.verdict.value,
        "reason": answer.reason.value if answer.reason else None,
        "failed": told.condition.kind if told else None,
        "works_at": told.works_at if told else None,
        "zh": answer.headline.zh,
        "en": answer.headline.en,
        "admits": decision.admits,
        "counted_on": [
            *(booking.booking_id for booking in decision.bookings),
            *(held.pass_id for held in decision.passes),
        ],
        "lines": [[line.rule, line.fen] for line in quote.lines] if quote else None,
        "total": quote.total_fen if quote else None,
    }
    if "works_at" in expect:
        seen["works_at"] = told and told.works_at and told.works_at.timestamp()
    return {name: seen[name] for name in expect}


def expected(expect: dict[str, Any]) -> dict[str, Any]:
    """Return an expectation in the form of `observed`."""
    if "works_at" not in expect:
        return expect
    return {**expect, "works_at": datetime.fromisoformat(expect["works_at"]).timestamp()}


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return document


def _case(values: dict[str, Any]) -> AdmissionCase:
    around = dict(values["around"])
    now = datetime.fromisoformat(around.pop("now"))
    last = around.pop("last_entry", None)
    return AdmissionCase(
        name=values["name"],
        rules=rule_sets()[values["rules"]],
        evidence=_evidence(values["evidence"], now),
        around=Circumstances(
            now=now,
            bookings=tuple(map(HeldBooking.of_wire, around.pop("bookings", ()))),
            passes=tuple(map(HeldPass.of_wire, around.pop("passes", ()))),
            last_entry=datetime.fromisoformat(last) if last else None,
            **around,
        ),
        expect=values["expect"],
    )


def _evidence(values: dict[str, Any], now: datetime) -> Evidence:
    ages = AgeRange(*values["ages"]) if values.get("ages") else None
    if "birth" in values:
        ages = AgeRange.exactly(age_on(date.fromisoformat(values["birth"]), local_day(now)))
    return Evidence(
        medium=Medium(values["medium"]),
        region=values["region"],
        authenticated=values["authenticated"],
        ages=ages,
        categories=tuple(
            Category(code, date.fromisoformat(last) if last else None)
            for code, last in values.get("categories", ())
        ),
        represented=values.get("represented", False),
    )
