"""Who this reader is: its own key, made here, and what the backend made it at enrolment."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.ecode.algorithms import Algorithm, InvalidKey, SoftwareKey
from shared.wire.enrolment import InvalidEnrolment, TerminalEnrolment


class NotEnrolled(Exception):
    """This reader has no enrolment, or its file cannot be read."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """A reader's identity; the key never leaves the machine."""

    key: SoftwareKey
    enrolment: TerminalEnrolment | None = None


def load_terminal(path: Path) -> Terminal:
    """Read the identity.

    Raises:
        NotEnrolled: no such file, or damaged.
    """
    try:
        values: dict[str, Any] = json.loads(path.read_text("ascii"))
        key = SoftwareKey.of_pem(str(values["key"]).encode())
        known = values.get("enrolment")
        return Terminal(key, None if known is None else TerminalEnrolment.of_wire(known))
    except (OSError, ValueError, KeyError, TypeError, InvalidKey, InvalidEnrolment) as error:
        raise NotEnrolled from error


def load_or_make_terminal(path: Path) -> Terminal:
    """Read the identity, or make a key and keep it before anyone hears of it.

    An enrolment whose answer was lost is thus repeated with the same key.
    """
    try:
        return load_terminal(path)
    except NotEnrolled:
        terminal = Terminal(SoftwareKey.generate(Algorithm.ED25519))
        save_terminal(terminal, path)
        return terminal


def save_terminal(terminal: Terminal, path: Path) -> None:
    """Write the identity, readable by this user alone, whole or not at all."""
    values = {
        "key": terminal.key.to_pem().decode(),
        "enrolment": terminal.enrolment.to_wire() if terminal.enrolment else None,
    }
    write_whole(path, json.dumps(values))


def write_whole(path: Path, text: str) -> None:
    """Write a file that this user alone can read, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
