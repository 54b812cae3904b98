"""Deeds that areas have alike: of a person themselves, of staff, and of the house by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.foundation.access import Caller
from backend.foundation.audit import Actor, ActorKind, Deed, System
from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class AreaDeeds:
    """Makes the deeds of one area; `words` tell each of its actions, `area` is its name."""

    area: str
    words: Mapping[str, LocalizedText]

    def of_holder(self, action: str, resident_id: str, at: datetime, origin: str = "") -> Deed:
        """Return what a resident did with what is theirs: their routine, no use of their data."""
        return Deed(
            at=at,
            actor=Actor(ActorKind.RESIDENT, resident_id),
            action=action,
            words=self.words[action],
            system=System.APP,
            subject=resident_id,
            origin=origin,
            disclosed=False,
        )

    def of_staff(
        self, by: Caller, action: str, resident_id: str | None, at: datetime, reason: str = ""
    ) -> Deed:
        """Return what staff did; the person concerned finds it among the uses of their data."""
        return Deed(
            at=at,
            actor=by.actor,
            action=action,
            words=self.words[action],
            system=System.COUNTER if by.staff_id else System.BATCH,
            subject=resident_id,
            organisation=by.organisation,
            reason=reason,
        )

    def of_house(self, action: str, resident_id: str, at: datetime) -> Deed:
        """Return what the area did by itself about a person."""
        return Deed(
            at=at,
            actor=Actor(ActorKind.SYSTEM, self.area),
            action=action,
            words=self.words[action],
            system=System.BATCH,
            subject=resident_id,
            disclosed=False,
        )
