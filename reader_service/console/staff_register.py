"""Who works at this reader: a short id, a name, and a PIN of which only a slow digest is kept.

Six digits can be tried out by whoever has the file: it is readable by the service alone, and the
page locks an id after a few wrong tries.
"""

import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PIN = re.compile(r"[0-9]{6,12}")
STAFF_ID = re.compile(r"[0-9A-Za-z_.-]{1,16}")
MAX_NAME = 32
_COST = {"n": 2**14, "r": 8, "p": 1}
_NO_SALT = bytes(16)


class InvalidStaff(ValueError):
    """An id, a name or a PIN has the wrong form; or nobody has this id."""


@dataclass(frozen=True, slots=True)
class Staff:
    """One member of staff."""

    staff_id: str
    name: str


@dataclass(frozen=True, slots=True)
class _Entry:
    staff: Staff
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)


class StaffRegister:
    """The file of staff; read whenever it is asked, so that a change counts at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def everybody(self) -> list[Staff]:
        """Return all staff by their ids; nobody where the file is not there or damaged."""
        return [entry.staff for _, entry in sorted(self._entries().items())]

    def put(self, staff_id: str, name: str, pin: str) -> None:
        """Add somebody, or give them another name and PIN.

        Raises:
            InvalidStaff: a part has the wrong form.
            OSError: the file cannot be written.
        """
        plain = 1 <= len(name) <= MAX_NAME and name.isprintable()
        if not (STAFF_ID.fullmatch(staff_id) and PIN.fullmatch(pin) and plain):
            raise InvalidStaff
        salt = secrets.token_bytes(16)
        entry = _Entry(Staff(staff_id, name), salt, _digest(pin, salt))
        self._write({**self._entries(), staff_id: entry})

    def remove(self, staff_id: str) -> None:
        """Let somebody go.

        Raises:
            InvalidStaff: nobody has this id.
            OSError: the file cannot be written.
        """
        entries = self._entries()
        if entries.pop(staff_id, None) is None:
            raise InvalidStaff
        self._write(entries)

    def of_pin(self, staff_id: str, pin: str) -> Staff | None:
        """Return who has this id and PIN; an unknown id takes as long as a wrong PIN."""
        entry = self._entries().get(staff_id)
        digest = _digest(pin, entry.salt if entry else _NO_SALT)
        good = entry is not None and hmac.compare_digest(digest, entry.digest)
        return entry.staff if entry is not None and good else None

    def _entries(self) -> dict[str, _Entry]:
        try:
            values: dict[str, Any] = json.loads(self._path.read_text("utf-8"))
            return {
                str(staff_id): _Entry(
                    Staff(str(staff_id), str(one["name"])),
                    bytes.fromhex(one["salt"]),
                    bytes.fromhex(one["digest"]),
                )
                for staff_id, one in values.items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}

    def _write(self, entries: dict[str, _Entry]) -> None:
        values = {
            staff_id: {
                "name": entry.staff.name,
                "salt": entry.salt.hex(),
                "digest": entry.digest.hex(),
            }
            for staff_id, entry in sorted(entries.items())
        }
        part = self._path.with_suffix(".part")
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(values, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)


def _digest(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, **_COST)
