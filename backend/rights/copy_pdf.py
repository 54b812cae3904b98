"""The copy as a document to read and to print: both languages, times of Beijing."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos
from typing_extensions import override

from backend.foundation.printing import FONT
from backend.rights.copies import PersonalCopy, Section
from backend.rights.personal_data import LEFT_OUT
from shared.clock import LOCAL_ZONE
from shared.localized_text import LocalizedText

MOST_ROWS = 50
"""Of one kind of records: a row costs milliseconds; all of them stand in the JSON copy."""
_NAME = "NotoSansSC"
_LABEL_MM, _GAP_MM = 62.0, 3.0
_HEADING_MM, _FACT_MM = 32.0, 17.0
"""What a heading and a fact need of a page to begin on it."""
_GREY, _RULE_GREY = 90, 190
_TITLE = LocalizedText("个人信息副本", "Copy of personal information")
_ONE_PAIR = {"zh", "en"}
# The libraries name characters their font lacks, which may be those of somebody's name.
for _library in ("fpdf", "fontTools"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)


class _Document(FPDF):
    """Pages that say which of how many each is."""

    @override
    def footer(self) -> None:
        self.set_y(-14)
        self.set_font(_NAME, size=8)
        self.set_text_color(_GREY)
        self.cell(0, 6, f"{self.page_no()} / {{nb}}", align=Align.C)
        self.set_text_color(0)


def to_pdf(copy: PersonalCopy) -> bytes:
    """Return the copy as PDF; the newest `MOST_ROWS` of each kind of records."""
    document = _Document()
    document.set_title(f"{_TITLE.zh} {_TITLE.en}")
    document.set_creation_date(copy.made_at)
    document.add_font(_NAME, fname=FONT)
    document.add_page()
    _line(document, f"{_TITLE.zh} {_TITLE.en}", size=20)
    document.ln(3)
    _fact(document, "制作时间 Made at", f"{_time(copy.made_at)}（北京时间 Beijing time）")
    _fact(document, "居民编号 Resident id", copy.resident_id)
    for section in copy.sections:
        _write_section(document, section)
    _heading(document, "不在副本内 Not included")
    for name, why in LEFT_OUT.items():
        _fact(document, name, f"{why.zh} {why.en}")
    return bytes(document.output())


def _write_section(document: FPDF, section: Section) -> None:
    records, rows = section.records, section.rows
    _heading(document, f"{records.title.zh} {records.title.en}（{len(rows)}）")
    _line(document, f"保存期限 Kept: {records.kept.zh} {records.kept.en}", size=8)
    document.ln(1)
    for number, row in enumerate(rows[:MOST_ROWS]):
        if number:
            _rule(document)
        for told in records.told.values():
            if (value := row[told.key]) not in (None, [], {}):
                _fact(document, f"{told.label.zh} {told.label.en}", readable(value))
    if len(rows) > MOST_ROWS:
        _line(
            document,
            f"其余 {len(rows) - MOST_ROWS} 条见JSON副本。 "
            f"{len(rows) - MOST_ROWS} more stand in the JSON copy.",
        )
    document.ln(1)
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


def _heading(document: FPDF, text: str) -> None:
    document.ln(6)
    if document.will_page_break(_HEADING_MM):
        document.add_page()
    _line(document, text, size=14)
    _rule(document)


def _rule(document: FPDF) -> None:
    document.ln(1.5)
    document.set_draw_color(_RULE_GREY)
    document.line(document.l_margin, document.y, document.w - document.r_margin, document.y)
    document.ln(1.5)


def _fact(document: FPDF, label: str, value: str) -> None:
    """Write a value beside what it is called; a long one goes on over the next page."""
    if document.will_page_break(_FACT_MM):
        document.add_page()
    top, page, height = document.y, document.page, 10 * 0.55
    document.set_font(_NAME, size=10)
    document.set_text_color(_GREY)
    document.multi_cell(_LABEL_MM, height, label, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    bottom = document.y
    document.set_text_color(0)
    document.set_xy(document.l_margin + _LABEL_MM + _GAP_MM, top)
    document.multi_cell(0, height, value, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    if document.page == page:
        document.set_y(max(bottom, document.y))
