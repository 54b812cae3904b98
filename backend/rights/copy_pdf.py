"""The copy as a document to read and to print: both languages, times of Beijing."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from backend.foundation.printing import FONT
from backend.rights.copies import PersonalCopy, Section
from backend.rights.personal_data import LEFT_OUT
from shared.clock import LOCAL_ZONE
from shared.localized_text import LocalizedText

MOST_ROWS = 50
"""Of one kind of records: a row costs milliseconds; all of them stand in the JSON copy."""
_NAME = "NotoSansSC"
_TITLE = LocalizedText("个人信息副本", "Copy of personal information")
_ONE_PAIR = {"zh", "en"}
# The libraries name characters their font lacks, which may be those of somebody's name.
for _library in ("fpdf", "fontTools"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)


def to_pdf(copy: PersonalCopy) -> bytes:
    """Return the copy as PDF; the newest `MOST_ROWS` of each kind of records."""
    document = FPDF()
    document.set_title(f"{_TITLE.zh} {_TITLE.en}")
    document.set_creation_date(copy.made_at)
    document.add_font(_NAME, fname=FONT)
    document.add_page()
    _line(document, f"{_TITLE.zh} {_TITLE.en}", size=16)
    _line(document, f"制作时间 Made at: {_time(copy.made_at)}（北京时间 Beijing time）")
    _line(document, f"居民编号 Resident id: {copy.resident_id}")
    for section in copy.sections:
        _write_section(document, section)
    _line(document, "不在副本内 Not included", size=13)
    for name, why in LEFT_OUT.items():
        _line(document, f"{name}: {why.zh} {why.en}")
    return bytes(document.output())


def _write_section(document: FPDF, section: Section) -> None:
    records, rows = section.records, section.rows
    document.ln(4)
    _line(document, f"{records.title.zh} {records.title.en}（{len(rows)}）", size=13)
    _line(document, f"保存期限 Kept: {records.kept.zh} {records.kept.en}", size=8)
    for row in rows[:MOST_ROWS]:
        for told in records.told.values():
            if (value := row[told.key]) not in (None, [], {}):
                _line(document, f"{told.label.zh} {told.label.en}: {readable(value)}")
        document.ln(2)
    if len(rows) > MOST_ROWS:
        _line(
            document,
            f"其余 {len(rows) - MOST_ROWS} 条见JSON副本。 "
            f"{len(rows) - MOST_ROWS} more stand in the JSON copy.",
        )
    for name, why in records.withheld.items():
        _line(document, f"未列出 Not shown: {name}: {why.zh} {why.en}", size=8)


def readable(value: object) -> str:
    """Return a value as a line to read."""
    if isinstance(value, datetime):
        return _time(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    if isinstance(value, Mapping):
        if value.keys() == _ONE_PAIR:
            return f"{value['zh']} {value['en']}"
        return "; ".join(f"{name} {readable(one)}" for name, one in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " / ".join(map(readable, value))
    return str(value)


def _time(at: datetime) -> str:
    return f"{at.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M:%S}"


def _line(document: FPDF, text: str, size: int = 10) -> None:
    document.set_font(_NAME, size=size)
    document.multi_cell(0, size * 0.55, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
