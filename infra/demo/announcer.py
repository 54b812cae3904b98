"""One line a step: when, in Chinese and in English, and how long it took."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class StepFailed(Exception):
    """A step of the demonstration did not happen; the text says what was seen instead."""


@dataclass
class Announcer:
    """Tells a person what is going on."""

    started: float = field(default_factory=time.monotonic)
    steps: int = 0

    def say(self, zh: str, en: str) -> None:
        """Print a line that is not a step."""
        _print(f"{'':>10}  {zh} · {en}")

    @contextmanager
    def step(self, zh: str, en: str) -> Iterator[list[str]]:
        """Time a step and print its line when it is done; add facts to the list it yields."""
        began = time.monotonic()
        facts: list[str] = []
        try:
            yield facts
        except BaseException:
            _print(f"[{self._now():6.2f} s] ✕ {zh} · {en}")
            raise
        self.steps += 1
        took = time.monotonic() - began
        told = f" · {' · '.join(facts)}" if facts else ""
        _print(f"[{self._now():6.2f} s] ✓ {zh} · {en}{told} ({took:.2f} s)")

    def _now(self) -> float:
        return time.monotonic() - self.started


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
