"""What a reader asks the backend about one visitor 联网核验, and what it hears.

The reader has verified the code or read the card; the backend adds what it alone knows: what the
venue's other gates admitted, and the bookings and passes of this minute. A check changes nothing
that is counted: the scan that follows it, of the same id, does.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from shared.admission.answer import Answer, Verdict
from shared.admission.evidence import AgeRange, Evidence, Medium
from shared.admission.rules import Decision
from shared.admission.wire_form import (
    InvalidRules,
    member_of,
    read_flag,
    read_number,
    read_object,
    read_optional,
    read_version,
    read_words,
    words_to_wire,
)
from shared.ecode.certificate import ConcessionLevel
from shared.ecode.layout import MAX_CARD_INDEX, MAX_DEVICE_SERIAL, MAX_REGION, MAX_VENUE
from shared.ecode.reasons import Detail, Reason
from shared.ecode.representation import representative_of
from shared.trust.function_list import FunctionStanding
from shared.wire.scans import MAX_COUNTED_ON, MAX_PARTY, InvalidScan, read_detail, read_references

VERSION = 1
_HEX = re.compile(r"[0-9a-f]{32}")
_ASKED = (
    *("version", "check_id", "lane", "party", "medium", "region", "authenticated", "ages"),
    *("concession", "represented", "function", "card_index", "device_serial", "card_digest"),
)
_HEARD = (
    *("version", "verdict", "headline", "next_step", "reason", "detail", "admits", "counted_on"),
)

T = TypeVar("T")


class InvalidCheck(ValueError):
    """A check or its answer is not understood; the message names the part."""


@dataclass(frozen=True, slots=True)
class AdmissionCheck:
    """One visitor before one lane; `check_id` becomes the id of the scan that follows.

    `card_index` with `device_serial` name the phone of a verified code, `card_digest` a physical
    card. An `enquiry` is a helpdesk's 咨询查询: nobody passes on it, and no place is kept.
    """

    check_id: str
    lane: int
    evidence: Evidence
    party: int = 1
    card_index: int | None = None
    device_serial: int | None = None
    card_digest: str | None = None
    enquiry: bool = False

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        shown = self.evidence
        return {
            "version": VERSION,
            "check_id": self.check_id,
            "lane": self.lane,
            "party": self.party,
            "medium": shown.medium.value,
            "region": shown.region,
            "authenticated": shown.authenticated,
            "ages": None if shown.ages is None else shown.ages.to_wire(),
            "concession": int(shown.concession),
            "represented": shown.represented,
            "function": None if shown.function is None else shown.function.value,
            "card_index": self.card_index,
            "device_serial": self.device_serial,
            "card_digest": self.card_digest,
            **({"enquiry": True} if self.enquiry else {}),
        }

    @classmethod
    def of_wire(cls, values: Any) -> "AdmissionCheck":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidCheck: a part is missing, unknown or out of its range.
        """
        return _understood(_check, values)


@dataclass(frozen=True, slots=True)
class AdmissionAnswer:
    """What the backend decided: the answer, for how many, and on what an entry is counted."""

    answer: Answer
    admits: int = 0
    counted_on: tuple[str, ...] = field(default=())

    @classmethod
    def of_decision(cls, decision: Decision) -> "AdmissionAnswer":
        """Return what a reader is told of a decision."""
        held = [one.booking_id for one in decision.bookings]
        held += [one.pass_id for one in decision.passes]
        return cls(decision.answer, decision.admits, tuple(held[:MAX_COUNTED_ON]))

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        said = self.answer
        return {
            "version": VERSION,
            "verdict": said.verdict.value,
            "headline": words_to_wire(said.headline),
            "next_step": None if said.next_step is None else words_to_wire(said.next_step),
            "reason": None if said.reason is None else said.reason.value,
            "detail": dict(said.detail),
            "admits": self.admits,
            "counted_on": list(self.counted_on),
        }

    @classmethod
    def of_wire(cls, values: Any) -> "AdmissionAnswer":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidCheck: a part is not understood, or an admission is for nobody.
        """
        return _understood(_answer, values)


def _understood(read: Callable[[Any], T], values: Any) -> T:
    try:
        return read(values)
    except (InvalidRules, InvalidScan) as error:
        raise InvalidCheck(str(error)) from error


def _check(values: Any) -> AdmissionCheck:
    asked = read_object(values, "check", _ASKED, ("enquiry",))
    read_version(asked, "check", VERSION)
    serial = read_optional(asked["device_serial"], "device_serial", _serial)
    index = read_optional(
        asked["card_index"], "card_index", lambda one, of: read_number(one, of, most=MAX_CARD_INDEX)
    )
    digest = read_optional(asked["card_digest"], "card_digest", _hex)
    medium = member_of(Medium)(asked["medium"], "medium")
    named = digest if medium is Medium.CARD else (None if serial is None else index)
    if named is None:
        raise InvalidRules("the check names no card")
    return AdmissionCheck(
        _hex(asked["check_id"], "check_id"),
        read_number(asked["lane"], "lane", most=MAX_VENUE),
        _evidence(asked, medium, serial),
        read_number(asked["party"], "party", least=1, most=MAX_PARTY),
        index,
        serial,
        digest,
        read_flag(asked.get("enquiry", False), "enquiry"),
    )


def _evidence(asked: Mapping[str, Any], medium: Medium, serial: int | None) -> Evidence:
    function = member_of(FunctionStanding)
    return Evidence(
        medium=medium,
        region=read_number(asked["region"], "region", most=MAX_REGION),
        authenticated=read_flag(asked["authenticated"], "authenticated"),
        ages=read_optional(asked["ages"], "ages", AgeRange.of_wire),
        concession=member_of(ConcessionLevel)(
            read_number(asked["concession"], "concession"), "concession"
        ),
        represented=read_flag(asked["represented"], "represented"),
        representative=None if serial is None else representative_of(serial),
        function=read_optional(asked["function"], "function", function),
    )


def _answer(values: Any) -> AdmissionAnswer:
    heard = read_object(values, "answer", _HEARD)
    read_version(heard, "answer", VERSION)
    verdict = member_of(Verdict)(heard["verdict"], "verdict")
    reason = read_optional(heard["reason"], "reason", member_of(Reason))
    detail: Detail = read_detail(heard["detail"])
    admits = read_number(heard["admits"], "admits", most=MAX_PARTY)
    if verdict.opens != (admits > 0) or (not verdict.opens and reason is None):
        raise InvalidRules("the answer contradicts itself")
    said = Answer(
        verdict,
        read_words(heard["headline"], "headline"),
        read_optional(heard["next_step"], "next_step", read_words),
        reason,
        detail,
    )
    return AdmissionAnswer(said, admits, read_references(heard["counted_on"]))


def _serial(value: Any, what: str) -> int:
    return read_number(value, what, most=MAX_DEVICE_SERIAL)


def _hex(value: Any, what: str) -> str:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise InvalidRules(f"{what} is not 32 hex digits")
    return value
