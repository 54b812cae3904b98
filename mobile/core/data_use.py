"""One use of the resident's data by somebody: who, when, what for, from where (谁用过我的信息)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from mobile.core.card import read_instant, read_text
from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class DataUse:
    """A use as the server tells it; `system` is a stable word such as `counter`."""

    identifier: str
    at: datetime
    action: LocalizedText
    receiver: LocalizedText
    system: str
    done: bool

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a use; raises KeyError, TypeError or ValueError for what is none."""
        return cls(
            identifier=wire["id"],
            at=read_instant(wire["logtime"]),
            action=read_text(wire["action"]),
            receiver=read_text(wire["receiverName"]),
            system=wire["receiverSystem"],
            done=wire["result"] == "DONE",
        )


@dataclass(frozen=True, slots=True)
class DataUsePage:
    """Some uses, newest first; `more` is where the next page begins, None at the end."""

    uses: tuple[DataUse, ...]
    more: str | None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a page; raises KeyError, TypeError or ValueError for what is none."""
        info = wire["pageInfo"]
        return cls(
            tuple(map(DataUse.of_wire, wire["nodes"])),
            info["endCursor"] if info["hasNextPage"] else None,
        )
