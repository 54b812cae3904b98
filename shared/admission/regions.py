"""Same-city treatment 同城待遇: where holders from elsewhere are treated as local.

An agreement names partner regions at any level of GB/T 2260 with dates, and the scenes, ages and
categories it is for; the elder pass 敬老通 is one with ages from 60. Where several speak of a
holder, the one that names the nearest level wins (county over city over province), and at one level
an exclusion wins over an inclusion.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from shared.admission.circumstances import DayRange
from shared.admission.evidence import AgeRange, Evidence
from shared.admission.mutual_lists import MutualList, overlap
from shared.admission.scene import Scene
from shared.admission.wire_form import (
    read_flag,
    read_list,
    read_number,
    read_object,
    read_optional,
    read_text,
    read_words,
    words_to_wire,
)
from shared.ecode.layout import MAX_REGION
from shared.localized_text import LocalizedText


def levels(region: int) -> tuple[int, int, int]:
    """Return a region and what it lies in, the nearest first: county, city, province."""
    return region, region // 100 * 100, region // 10_000 * 10_000


def lies_in(region: int, regions: Iterable[int]) -> bool:
    """Tell whether a region is one of `regions` or below one of them."""
    return not {*levels(region)}.isdisjoint(regions)


@dataclass(frozen=True, slots=True)
class Partner:
    """A region of an agreement with its dates; `excluded` says that it is not treated as local."""

    region: int
    days: DayRange
    excluded: bool = False

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"region": self.region, "days": self.days.to_wire(), "excluded": self.excluded}

    @classmethod
    def of_wire(cls, values: Any, what: str = "partner") -> "Partner":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidRules: a part is not understood.
        """
        partner = read_object(values, what, ("region", "days", "excluded"))
        return cls(
            read_number(partner["region"], what, most=MAX_REGION),
            DayRange.of_wire(partner["days"], what),
            read_flag(partner["excluded"], what),
        )


@dataclass(frozen=True, slots=True)
class RegionAgreement:
    """One agreement between regions.

    `scenes` None is every scene; `ages` and `categories` None is everybody. Where it rests on lists
    of both sides (`listed`, S129), it speaks only of what both list alike, on the days they say.
    """

    code: str
    name: LocalizedText
    partners: tuple[Partner, ...]
    scenes: frozenset[Scene] | None = None
    ages: AgeRange | None = None
    categories: frozenset[str] | None = None
    listed: MutualList | None = None

    def speaks_of(self, evidence: Evidence, scene: Scene, day: date) -> bool:
        """Tell whether it is for this kind of holder and this scene."""
        if self.scenes is not None and scene not in self.scenes:
            return False
        if self.ages is not None and not (evidence.ages and evidence.ages.within(self.ages)):
            return False
        return self.categories is None or any(
            held.code in self.categories and (held.last_day is None or day <= held.last_day)
            for held in evidence.categories
        )

    def partners_for(self, evidence: Evidence, scene: Scene) -> Iterator[Partner]:
        """Yield its partners, those by lists of both sides on the days of what is listed."""
        if self.listed is None:
            yield from self.partners
            return
        items = [item for item in self.listed.in_force() if item.speaks_of(evidence, scene)]
        for partner in self.partners:
            if partner.excluded:
                yield partner
            elif lies_in(partner.region, self.listed.regions):
                shared = (overlap(partner.days, item.days) for item in items)
                yield from (replace(partner, days=days) for days in shared if days is not None)

    def awaits_a_side(self, evidence: Evidence, scene: Scene) -> bool:
        """Tell whether one side alone lists what would be for this holder at this scene."""
        named = [partner.region for partner in self.partners if not partner.excluded]
        return (
            self.listed is not None
            and not {*levels(evidence.region)}.isdisjoint(named)
            and any(item.speaks_of(evidence, scene) for _, item in self.listed.pending())
        )

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "code": self.code,
            "name": words_to_wire(self.name),
            "partners": [partner.to_wire() for partner in self.partners],
            "scenes": None
            if self.scenes is None
            else [scene.to_wire() for scene in sorted(self.scenes)],
            "ages": None if self.ages is None else self.ages.to_wire(),
            "categories": None if self.categories is None else sorted(self.categories),
            # Said only where it is so: readers of before refuse what they cannot check.
            **({} if self.listed is None else {"listed": self.listed.to_wire()}),
        }

    @classmethod
    def of_wire(cls, values: Any, what: str = "agreement") -> "RegionAgreement":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidRules: a part is not understood.
        """
        fields = ("code", "name", "partners", "scenes", "ages", "categories")
        made = read_object(values, what, fields, ("listed",))
        scenes = read_optional(
            made["scenes"], what, lambda found, of: read_list(found, of, Scene.of_wire)
        )
        categories = read_optional(
            made["categories"], what, lambda found, of: read_list(found, of, read_text)
        )
        return cls(
            code=read_text(made["code"], what),
            name=read_words(made["name"], what),
            partners=read_list(made["partners"], what, Partner.of_wire),
            scenes=None if scenes is None else frozenset(scenes),
            ages=read_optional(made["ages"], what, AgeRange.of_wire),
            categories=None if categories is None else frozenset(categories),
            listed=MutualList.of_wire(made["listed"]) if "listed" in made else None,
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """How a holder from a region is treated: as local, and by which agreement.

    `agreement` is None for one of the place's own; `begins` and `ended` tell of an agreement that
    is not in force on the day, `pending` that one side of a mutual list still has to agree.
    """

    local: bool
    agreement: RegionAgreement | None = None
    begins: date | None = None
    ended: date | None = None
    pending: bool = False


@dataclass(frozen=True, slots=True)
class RegionRules:
    """A place's own region, None where nobody is local, and its agreements with others."""

    home: int | None = None
    agreements: tuple[RegionAgreement, ...] = ()

    def standing(self, evidence: Evidence, scene: Scene, day: date) -> Standing:
        """Return how a holder is treated at a scene on a local day."""
        if self.home is not None and lies_in(evidence.region, (self.home,)):
            return Standing(local=True)
        for level in levels(evidence.region):
            standing = _at_level(self._naming(level, evidence, scene, day), day)
            if standing is not None:
                return standing
        named = [
            pair
            for level in levels(evidence.region)
            for pair in self._naming(level, evidence, scene, day)
            if not pair[1].excluded
        ]
        later = [partner.days.first for _, partner in named if day < partner.days.first]
        past = [last for _, partner in named if (last := partner.days.last) and last < day]
        waits = any(
            agreement.awaits_a_side(evidence, scene)
            for agreement in self.agreements
            if agreement.speaks_of(evidence, scene, day)
        )
        begins, ended = min(later, default=None), max(past, default=None)
        return Standing(local=False, begins=begins, ended=ended, pending=waits)

    def _naming(
        self, level: int, evidence: Evidence, scene: Scene, day: date
    ) -> list[tuple[RegionAgreement, Partner]]:
        return [
            (agreement, partner)
            for agreement in self.agreements
            if agreement.speaks_of(evidence, scene, day)
            for partner in agreement.partners_for(evidence, scene)
            if partner.region == level
        ]

    def to_wire(self) -> dict[str, Any]:
        """Return them as JSON values."""
        return {
            "home": self.home,
            "agreements": [agreement.to_wire() for agreement in self.agreements],
        }

    @classmethod
    def of_wire(cls, values: Any, what: str = "region_rules") -> "RegionRules":
        """Read them as `to_wire` wrote them.

        Raises:
            InvalidRules: a part is not understood.
        """
        rules = read_object(values, what, ("home", "agreements"))
        return cls(
            read_optional(
                rules["home"], what, lambda home, of: read_number(home, of, most=MAX_REGION)
            ),
            read_list(rules["agreements"], what, RegionAgreement.of_wire),
        )


def _at_level(named: list[tuple[RegionAgreement, Partner]], day: date) -> Standing | None:
    """Return what the agreements in force at one level say, None where none speaks."""
    in_force = [pair for pair in named if pair[1].days.covers(day)]
    if not in_force:
        return None
    excluded = [agreement for agreement, partner in in_force if partner.excluded]
    agreement = min(
        excluded or [agreement for agreement, _ in in_force], key=lambda made: made.code
    )
    return Standing(local=not excluded, agreement=agreement)
