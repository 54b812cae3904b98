"""Run the benchmarks by name, or all of them."""

import importlib
import pkgutil
import sys

import tests.bench
from tests.bench.measure import table

PREFIX = "bench_"


def main(wanted: list[str]) -> int:
    """Print one table a benchmark."""
    found = [
        module.name.removeprefix(PREFIX)
        for module in pkgutil.iter_modules(tests.bench.__path__)
        if module.name.startswith(PREFIX)
    ]
    unknown = sorted(set(wanted) - set(found))
    if unknown:
        sys.stderr.write(f"no benchmark {', '.join(unknown)}; there are {', '.join(found)}\n")
        return 2
    for name in wanted or found:
        sys.stdout.write(f"\n{name}\n")
        sys.stdout.flush()
        rows = importlib.import_module(f"tests.bench.{PREFIX}{name}").run()
        sys.stdout.write(table(rows) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
