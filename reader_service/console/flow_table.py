"""Today's counts as a file that spreadsheets open (expected of check-in systems: export)."""

import csv
import io
from collections.abc import Mapping
from typing import Any

_HEAD = ("表 table", "名称 name", "进 in", "出 out", "在内 inside", "拒绝 refused")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def flow_table(flow: Mapping[str, Any]) -> bytes:
    """Return the desk's counts (`StaffDesk.flow`) as CSV in UTF-8 with a byte order mark.

    One row an area, an hour and a lane; what a table does not count is empty. A venue's names are
    text: one that a spreadsheet would take for a formula is led by an apostrophe.
    """
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(_HEAD)
    for one in flow["areas"]:
        name = one["area"] or "全馆 whole venue"
        counts = one["entered"], one["left"], one["inside"], ""
        rows.writerow(("区域 area", _as_text(name), *counts))
    for one in flow["hours"]:
        counts = one["entered"], one["left"], "", one["refused"]
        rows.writerow(("时段 hour", f"{one['hour']:02}:00", *counts))
    for one in flow["lanes"]:
        name = f"{one['name']['zh']} {one['name']['en']}"
        rows.writerow(
            ("通道 lane", _as_text(name), one["entered"], one["left"], "", one["refused"])
        )
    return table.getvalue().encode("utf-8-sig")


def _as_text(name: str) -> str:
    return f"'{name}" if name.startswith(_FORMULA) else name
