"""The sheet that carries a code on paper 纸质当日码: one A4 page, large print, both languages."""

import logging
from itertools import groupby

import segno
from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from backend.cards.paper_codes import Sheet
from backend.foundation.printing import FONT
from shared.localized_text import LocalizedText

CODE_MM = 90.0
"""The symbol's side without its quiet zone: a module of 1.6 mm reads at arm's length."""
_QUIET_MODULES = 4
_NAME = "NotoSansSC"
_PAGE_MM, _MARGIN_MM = 210.0, 18.0
_RULE_POINTS, _NUMBER_MM = 16.0, 9.0
_WEEKDAYS = (
    LocalizedText("星期一", "Monday"),
    LocalizedText("星期二", "Tuesday"),
    LocalizedText("星期三", "Wednesday"),
    LocalizedText("星期四", "Thursday"),
    LocalizedText("星期五", "Friday"),
    LocalizedText("星期六", "Saturday"),
    LocalizedText("星期日", "Sunday"),
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_RULES = (
    LocalizedText(
        "把方形码对准扫码口；工作人员会核对本人和上面的姓名。",
        "Hold the square to the scanner; staff compare you with the name above.",
    ),
    LocalizedText(
        "每个场馆一天一般可入场一次；有的场馆不收纸质码。",
        "One entry a day at most venues; some take no paper codes.",
    ),
    LocalizedText(
        "限本人使用。请像身份证一样保管，不要拍照转发。",
        "For you alone. Keep it like your identity card; do not photograph or pass it on.",
    ),
    LocalizedText(
        "丢了：在应用“纸质当日码”里作废，或重印一张，旧的作废。",
        'Lost it? Make it void in the app under "Paper day code", or print another for that day.',
    ),
)
for _library in ("fpdf", "fontTools"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)


def print_sheet(sheet: Sheet) -> bytes:
    """Return the sheet as PDF."""
    document = FPDF()
    document.set_margin(_MARGIN_MM)
    document.set_auto_page_break(auto=False)
    document.set_title("纸质当日码 Paper day code")
    document.set_creation_date(sheet.facts.made_at)
    document.add_font(_NAME, fname=FONT)
    document.add_page()
    _line(document, "电子社保卡 · 纸质当日码", 26)
    _line(document, "Social security card · paper day code", 13, tone=80)
    document.ln(3)
    zh, en = day_in_words(sheet)
    _line(document, zh, 26)
    _line(document, en, 14, tone=80)
    document.ln(4)
    _draw_code(document, sheet.digits)
    _line(document, f"{sheet.masked_name}　卡号尾号 {sheet.number_tail}", 26)
    _line(document, f"Card ending {sheet.number_tail}", 13, tone=80)
    document.ln(4)
    for number, rule in enumerate(_RULES, 1):
        _draw_rule(document, f"{number}.", rule)
    return bytes(document.output())


def _draw_rule(document: FPDF, number: str, rule: LocalizedText) -> None:
    """Write a rule in both languages, its lines under one another beside the number."""
    document.set_font(_NAME, size=_RULE_POINTS)
    document.set_text_color(0)
    document.cell(_NUMBER_MM, _RULE_POINTS * 0.5, number, new_x=XPos.LMARGIN, new_y=YPos.TOP)
    document.set_left_margin(_MARGIN_MM + _NUMBER_MM)
    _line(document, rule.zh, _RULE_POINTS, centred=False)
    _line(document, rule.en, 11, tone=80, centred=False)
    document.set_left_margin(_MARGIN_MM)
    document.ln(2)


def day_in_words(sheet: Sheet) -> tuple[str, str]:
    """Return the day of a sheet as people say it, in Chinese and English."""
    day = sheet.facts.day
    weekday = _WEEKDAYS[day.weekday()]
    zh = f"{day.year}年{day.month}月{day.day}日 {weekday.zh} 当天有效"
    en = f"Good on {weekday.en}, {day.day} {_MONTHS[day.month - 1]} {day.year}, until 24:00"
    return zh, en


def _draw_code(document: FPDF, digits: str) -> None:
    """Draw the symbol as filled runs: no picture that a printer could smooth."""
    rows = [list(row) for row in segno.make_qr(digits, mode="numeric", error="m").matrix]
    module = CODE_MM / len(rows)
    left = (_PAGE_MM - CODE_MM) / 2
    top = document.get_y() + _QUIET_MODULES * module
    document.set_fill_color(0)
    for number, row in enumerate(rows):
        at = 0
        for dark, run in groupby(row, bool):
            begun, at = at, at + len(list(run))
            if dark:
                # A hair over, or some printers leave white lines between rows.
                document.rect(
                    left + begun * module,
                    top + number * module,
                    (at - begun) * module,
                    module * 1.01,
                    style="F",
                )
    document.set_y(top + CODE_MM + _QUIET_MODULES * module)


def _line(document: FPDF, text: str, size: float, *, tone: int = 0, centred: bool = True) -> None:
    document.set_font(_NAME, size=size)
    document.set_text_color(tone)
    align = Align.C if centred else Align.L
    document.multi_cell(0, size * 0.5, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
