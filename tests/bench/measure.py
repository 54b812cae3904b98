"""How figures are taken and told."""

import gc
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Sample:
    """Times of one subject in microseconds: wall, and CPU of the whole process."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def p50(self) -> float:
        """Return the median wall time."""
        return median(self.wall)

    def p99(self) -> float:
        """Return the wall time that one in a hundred exceeds."""
        return _quantile(self.wall, 0.99)

    def cpu_p50(self) -> float:
        """Return the median CPU time."""
        return median(self.cpu)

    def cpu_p99(self) -> float:
        """Return the CPU time that one in a hundred exceeds."""
        return _quantile(self.cpu, 0.99)


@dataclass(frozen=True)
class Row:
    """One line of the table.

    `figure` is what was measured, in words with its unit; `ratio` compares it to `baseline`
    (None where there is nothing to compare with); `goal` is the wish and `met` whether it came
    true in this run.
    """

    subject: str
    figure: str
    baseline: str = ""
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None


def interleave(
    actions: Mapping[str, Callable[[], object]],
    rounds: int,
    after: Mapping[str, Callable[[], object]] | None = None,
    *,
    collecting: bool = False,
) -> dict[str, Sample]:
    """Run the actions in turn, so that a noisy moment hits all of them alike.

    What is to be done `after` an action is not part of its time. The garbage collector rests, or,
    where `collecting`, is at work as in a program that froze its heap once it had started.
    """
    samples = {name: Sample() for name in actions}
    tidy = {name: (after or {}).get(name, _nothing) for name in actions}
    for name, action in actions.items():
        action()
        tidy[name]()
    gc.collect()
    (gc.freeze if collecting else gc.disable)()
    try:
        for _ in range(rounds):
            for name, action in actions.items():
                cpu, wall = time.process_time_ns(), time.perf_counter_ns()
                action()
                samples[name].wall.append((time.perf_counter_ns() - wall) / 1000)
                samples[name].cpu.append((time.process_time_ns() - cpu) / 1000)
                tidy[name]()
    finally:
        (gc.unfreeze if collecting else gc.enable)()
    return samples


def _nothing() -> None:
    """Do nothing after an action."""


def microseconds(sample: Sample) -> str:
    """Return a sample in words."""
    return (
        f"{sample.p50():,.1f} µs, p99 {sample.p99():,.1f}; "
        f"CPU {sample.cpu_p50():,.1f}, p99 {sample.cpu_p99():,.1f}"
    )


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a table for a terminal."""
    lines = []
    for row in rows:
        mark = {True: "✓", False: "✕", None: " "}[row.met]
        ratio = f" = {row.ratio:.2f} × {row.baseline}" if row.ratio is not None else ""
        goal = f"  [goal {row.goal}]" if row.goal else ""
        lines.append(f"{mark} {row.subject}: {row.figure}{ratio}{goal}")
    return "\n".join(lines)


def _quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
