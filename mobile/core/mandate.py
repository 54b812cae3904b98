"""Mandates 亲情代办 as the phone knows them, and the cards it may show for others."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from mobile.core.card import Card, IssuedCertificate, read_instant, read_text
from mobile.core.trouble import Trouble
from shared.localized_text import LocalizedText

PRINCIPAL, DELEGATE = "PRINCIPAL", "DELEGATE"
SCOPES = (
    "CARD_SHOW",
    "BOOK",
    "BENEFIT_VIEW",
    "CASE_SUBMIT",
    "NOTICE_COPY",
    "STUDENT_VIEW",
    "MEDICAL_VIEW",
    "PAY_SMALL",
)
DEFAULT_SCOPES = ("CARD_SHOW", "BOOK")
SENSITIVE = ("STUDENT_VIEW", "MEDICAL_VIEW", "PAY_SMALL")
"""Each of these is asked about alone and never chosen beforehand."""
RELATIONS = ("ELDER", "CHILD", "SPOUSE", "OTHER")
"""Who the principal is to the delegate; guardians and agents begin at an outlet."""
WARD = "WARD"
"""The principal is an adult whose guardian 监护人 the delegate is."""
LENGTHS = (1, 31, 182, 365)
INVITATION_DIGITS = 12
LIMIT_LADDER = tuple(100 * yuan for yuan in (0, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000))
"""What may be set as a limit of payments, in fen."""


MANDATE_OVER = Trouble(
    "mandate_over",
    LocalizedText("这项代办已结束或暂停", "This mandate has ended or is suspended"),
    LocalizedText(
        "请点“回到本人”；要再代办，请家人重新授权", "Go back to yourself; it takes a new one"
    ),
)


@dataclass(frozen=True, slots=True)
class GrantedScope:
    """A scope; `since` None before the confirmation, `until` None while nothing stops it."""

    code: str
    since: datetime | None
    until: datetime | None

    def is_live(self, now: datetime) -> bool:
        """Tell whether it has not been stopped."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class MoneyLimits:
    """What a delegate may pay, in fen; nothing until the principal sets it (D21)."""

    per_act: int = 0
    per_day: int = 0
    per_month: int = 0

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read them; raises KeyError, TypeError or ValueError for what are none."""
        return cls(int(wire["perActFen"]), int(wire["perDayFen"]), int(wire["perMonthFen"]))

    def to_wire(self) -> dict[str, Any]:
        """Return them as the server is asked."""
        return {
            "perActFen": self.per_act,
            "perDayFen": self.per_day,
            "perMonthFen": self.per_month,
        }


@dataclass(frozen=True, slots=True)
class Mandate:
    """A mandate as the holder of this phone sees it; `wire` is what the server told."""

    identifier: str
    side: str
    other_name: str
    relation: str
    delegate_is: LocalizedText
    state: str
    scopes: tuple[GrantedScope, ...]
    days: int | None
    ends_at: datetime | None
    uses: int
    limits: MoneyLimits
    daily_views: bool
    spent_today: int
    spent_this_month: int
    wire: Mapping[str, Any] = field(repr=False, compare=False)

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            identifier=wire["id"],
            side=wire["side"],
            other_name=wire["otherName"] or "",
            relation=wire["relation"],
            delegate_is=read_text(wire["delegateIs"]),
            state=wire["state"],
            scopes=tuple(
                GrantedScope(one["scope"], _instant(one["since"]), _instant(one["until"]))
                for one in wire["scopes"]
            ),
            days=wire["days"],
            ends_at=_instant(wire["endsAt"]),
            uses=wire["uses"],
            limits=MoneyLimits.of_wire(wire["limits"]),
            daily_views=bool(wire["dailyViews"]),
            # What an app before this one kept has no sums.
            spent_today=int(wire["limits"].get("spentTodayFen", 0)),
            spent_this_month=int(wire["limits"].get("spentThisMonthFen", 0)),
            wire=wire,
        )

    def state_at(self, now: datetime) -> str:
        """Return the state, minding what time has made of it since it was read."""
        over = self.ends_at is not None and now >= self.ends_at
        return "ENDED" if over else self.state

    def allows(self, scope: str, now: datetime) -> bool:
        """Tell whether the delegate may use a scope, as far as this phone knows."""
        live = (one for one in self.scopes if one.code == scope and one.is_live(now))
        found = next(live, None)
        begun = found is not None and found.since is not None and now >= found.since
        return begun and self.state_at(now) == "ACTIVE"


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody for whom the holder of this phone acts, and what shows their card here.

    `refusal` says why there is no newer certificate; it is not stored.
    """

    mandate: Mandate
    card: Card | None = None
    certificate: IssuedCertificate | None = None
    refusal: Trouble | None = None

    @property
    def name(self) -> str:
        """Return whose card it is, masked."""
        return self.card.masked_name if self.card else self.mandate.other_name

    def code_due(self, now: datetime) -> bool:
        """Tell whether a newer certificate is to be had."""
        if not self.mandate.allows("CARD_SHOW", now):
            return False
        return self.certificate is None or now >= self.certificate.renew_after

    def with_mandate(self, mandate: Mandate, now: datetime) -> "Principal":
        """Return the same person as the mandate stands now; one that shows nothing keeps none."""
        if mandate.allows("CARD_SHOW", now):
            return replace(self, mandate=mandate)
        return Principal(mandate, self.card)

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read what `to_wire` wrote; raises KeyError, TypeError or ValueError for anything else."""
        card, certificate = wire["card"], wire["certificate"]
        return cls(
            Mandate.of_wire(wire["mandate"]),
            Card.of_wire(card) if card else None,
            IssuedCertificate.of_wire(certificate) if certificate else None,
        )

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "mandate": dict(self.mandate.wire),
            "card": self.card.to_wire() if self.card else None,
            "certificate": self.certificate.to_wire() if self.certificate else None,
        }


@dataclass(frozen=True, slots=True)
class FamilySeen:
    """Both sides as last read: who acts for the holder, and for whom the holder acts."""

    delegates: tuple[Mandate, ...]
    principals: tuple[Principal, ...]
    seen_at: datetime

    def principal(self, mandate: str) -> Principal | None:
        """Return the principal of a mandate."""
        return next((one for one in self.principals if one.mandate.identifier == mandate), None)

    def mandate(self, identifier: str) -> Mandate | None:
        """Return a mandate of either side."""
        mandates = (*self.delegates, *(one.mandate for one in self.principals))
        return next((one for one in mandates if one.identifier == identifier), None)

    def with_principal(self, principal: Principal) -> "FamilySeen":
        """Return these with a principal as they are now."""
        return replace(
            self,
            principals=tuple(
                principal if one.mandate.identifier == principal.mandate.identifier else one
                for one in self.principals
            ),
        )

    def with_mandate(self, mandate: Mandate, now: datetime) -> "FamilySeen":
        """Return these with a mandate that was made or changed."""
        if mandate.side == DELEGATE:
            known = self.principal(mandate.identifier)
            if known is not None:
                return self.with_principal(known.with_mandate(mandate, now))
            return replace(self, principals=(Principal(mandate), *self.principals))
        others = (one for one in self.delegates if one.identifier != mandate.identifier)
        return replace(self, delegates=(mandate, *others))

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read what `to_wire` wrote; raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            tuple(map(Mandate.of_wire, wire["delegates"])),
            tuple(map(Principal.of_wire, wire["principals"])),
            read_instant(wire["seenAt"]),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "delegates": [dict(one.wire) for one in self.delegates],
            "principals": [one.to_wire() for one in self.principals],
            "seenAt": self.seen_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class MandateAct:
    """Something that was done with a mandate; `by_delegate` False for the principal's own acts."""

    at: datetime
    words: LocalizedText
    by_delegate: bool
    done: bool

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        at = read_instant(wire["at"])
        return cls(at, read_text(wire["words"]), wire["byDelegate"], wire["done"])


@dataclass(frozen=True, slots=True)
class MandateActs:
    """What was done so far, newest first; `after` is where the next page begins, if there is."""

    acts: tuple[MandateAct, ...]
    after: str | None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a page; raises KeyError, TypeError or ValueError for what is none."""
        more = wire["pageInfo"]
        acts = tuple(map(MandateAct.of_wire, wire["nodes"]))
        return cls(acts, more["endCursor"] if more["hasNextPage"] else None)


@dataclass(frozen=True, slots=True)
class WardMandates:
    """Who else acts for a ward, as the guardian sees it; `after` is where the next page begins."""

    mandates: tuple[Mandate, ...]
    after: str | None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a page; raises KeyError, TypeError or ValueError for what is none."""
        more, mandates = wire["pageInfo"], map(Mandate.of_wire, wire["nodes"])
        others = tuple(one for one in mandates if one.relation != WARD)
        return cls(others, more["endCursor"] if more["hasNextPage"] else None)


@dataclass(frozen=True, slots=True)
class MandateNews:
    """What the holder was told of a mandate: an act, or that it ends soon."""

    at: datetime
    words: LocalizedText

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        return cls(read_instant(wire["at"]), read_text(wire["words"]))


@dataclass(frozen=True, slots=True)
class Invitation:
    """A mandate that waits for the other side, and the digits to be told to them."""

    mandate: Mandate
    digits: str = field(repr=False)


def _instant(text: str | None) -> datetime | None:
    return read_instant(text) if text else None
