"""Guides 服务指南 as anybody may read them: who may, what it takes, how and where."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from mobile.core.card import read_instant, read_text, write_text
from mobile.core.venue import Venue
from shared.localized_text import LocalizedText

FRESH = timedelta(days=90)
"""A guide that was not reviewed for longer is shown with a warning (S102)."""
MOST_KEPT = 20
"""So many guides are kept, those seen last."""
FACTS = ("who", "bring", "cost", "takes")


@dataclass(frozen=True, slots=True)
class GuideTitle:
    """A guide as the list names it."""

    item: str
    title: LocalizedText
    reviewed_at: datetime

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        return cls(str(wire["item"]), read_text(wire["title"]), read_instant(wire["reviewedAt"]))

    def to_wire(self) -> dict[str, Any]:
        """Return it as `of_wire` reads it."""
        return {
            "item": self.item,
            "title": write_text(self.title),
            "reviewedAt": self.reviewed_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class GuideStep:
    """One thing to do; `icon` may be one this app has no picture for."""

    icon: str
    text: LocalizedText


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide; `facts` are in the order of `FACTS`."""

    item: str
    title: LocalizedText
    facts: tuple[LocalizedText, ...]
    steps: tuple[GuideStep, ...]
    outlets: tuple[Venue, ...]
    owner: LocalizedText
    reviewed_at: datetime

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read one; raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            item=str(wire["item"]),
            title=read_text(wire["title"]),
            facts=tuple(read_text(wire[name]) for name in FACTS),
            steps=tuple(
                GuideStep(str(one["icon"]), read_text(one["text"])) for one in wire["steps"]
            ),
            outlets=tuple(map(Venue.of_wire, wire["outlets"])),
            owner=read_text(wire["ownerName"]),
            reviewed_at=read_instant(wire["reviewedAt"]),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return it as `of_wire` reads it, without how far outlets are from where the phone was."""
        return {
            "item": self.item,
            "title": write_text(self.title),
            **{name: write_text(fact) for name, fact in zip(FACTS, self.facts, strict=True)},
            "steps": [{"icon": one.icon, "text": write_text(one.text)} for one in self.steps],
            "outlets": [one.to_wire() for one in self.outlets],
            "ownerName": write_text(self.owner),
            "reviewedAt": self.reviewed_at.isoformat(),
        }

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether it was reviewed lately enough to be trusted."""
        return now - self.reviewed_at <= FRESH


@dataclass(frozen=True, slots=True)
class GuidesSeen:
    """The list as of `seen_at`, and the guides seen last, each with when: the latest at the end."""

    titles: tuple[GuideTitle, ...]
    seen_at: datetime
    guides: tuple[tuple[Guide, datetime], ...] = ()

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read what `to_wire` wrote; raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            tuple(map(GuideTitle.of_wire, wire["titles"])),
            read_instant(wire["seenAt"]),
            tuple(
                (Guide.of_wire(one["guide"]), read_instant(one["seenAt"])) for one in wire["guides"]
            ),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return this as JSON has it."""
        return {
            "titles": [one.to_wire() for one in self.titles],
            "seenAt": self.seen_at.isoformat(),
            "guides": [
                {"guide": guide.to_wire(), "seenAt": at.isoformat()} for guide, at in self.guides
            ],
        }

    def of(self, item: str) -> tuple[Guide, datetime] | None:
        """Return a guide as last seen, and when."""
        return next((one for one in self.guides if one[0].item == item), None)

    def with_guide(self, guide: Guide, at: datetime) -> Self:
        """Return this with a guide as seen now; what was seen longest ago may go for it."""
        others = tuple(one for one in self.guides if one[0].item != guide.item)
        return replace(self, guides=(*others, (guide, at))[-MOST_KEPT:])


def read_titles(wire: Mapping[str, Any]) -> tuple[GuideTitle, ...]:
    """Read the answer of a list; raises KeyError, TypeError or ValueError for what is none."""
    return tuple(map(GuideTitle.of_wire, wire["nodes"]))
