"""The sandbox of the population register and of the face check, for development and tests.

Its people stand in `sandbox.toml`, and none of them exists. It shares no rule with the code that
asks it: numbers and names are compared as they stand in the file.
"""

import hashlib
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from typing_extensions import override

from backend.residents.register import (
    ChangeKind,
    FaceCheckDown,
    FaceComparison,
    PopulationRegister,
    RegisterAnswer,
    RegisterChange,
    RegisterDown,
)

SANDBOX_FILE = "sandbox.toml"


class SandboxRegister(PopulationRegister, FaceComparison):
    """Answers from a file; `down` lets it be out of order."""

    def __init__(self, content: str | None = None) -> None:
        """Read the people, of the file that ships with the product unless told others."""
        shipped = Path(str(resources.files("backend.residents"))) / SANDBOX_FILE
        file = tomllib.loads(content if content is not None else shipped.read_text("utf-8"))
        self._people: dict[str, dict[str, Any]] = {one["number"]: one for one in file["person"]}
        self._changes: list[dict[str, str]] = list(file.get("change", []))
        self.down = False

    @override
    async def verify(self, number: str, name: str) -> RegisterAnswer:
        if self.down:
            raise RegisterDown
        person = self._people.get(number)
        if person is None:
            return RegisterAnswer.UNKNOWN
        if person["name"] != name:
            return RegisterAnswer.NAME_DIFFERS
        return RegisterAnswer.DECEASED if person.get("deceased") else RegisterAnswer.CONFIRMED

    @override
    async def household(self, number: str) -> str | None:
        if self.down:
            raise RegisterDown
        return self._people.get(number, {}).get("household")

    @override
    async def changes(self, after: str, limit: int) -> list[RegisterChange]:
        if self.down:
            raise RegisterDown
        ids = [change["id"] for change in self._changes]
        start = ids.index(after) + 1 if after in ids else 0
        return [
            RegisterChange(
                one["id"],
                ChangeKind(one["kind"]),
                one["number"],
                one.get("name"),
                one.get("household"),
            )
            for one in self._changes[start : start + limit]
        ]

    @override
    async def compare(self, number: str, name: str, picture: bytes) -> bool:
        if self.down:
            raise FaceCheckDown
        person = self._people.get(number)
        if person is None or person["name"] != name or "face" not in person:
            return False
        return hashlib.sha256(picture).hexdigest() == str(person["face"])

    def report(
        self, change_id: str, kind: ChangeKind, number: str, name: str = "", household: str = ""
    ) -> None:
        """Add a change, as the authorities would, and apply it to the person."""
        told = {"id": change_id, "kind": kind.value, "number": number}
        more = {"name": name, "household": household}
        self._changes.append(told | {one: value for one, value in more.items() if value})
        person = self._people.setdefault(number, {"number": number, "name": name})
        if kind is ChangeKind.NAME:
            person["name"] = name
        elif kind in {ChangeKind.DEATH, ChangeKind.DEATH_WITHDRAWN}:
            person["deceased"] = kind is ChangeKind.DEATH
        elif kind is ChangeKind.HOUSEHOLD:
            person["household"] = household
