"""The plot of a day by hours, drawn here as SVG; a table of its numbers stands beside it."""

from collections.abc import Sequence

from shared.wire.flow import HourFlow

# A telephone shows it at half this size: the numbers are still read there.
_WIDTH, _HEIGHT, _FONT = 640, 300, 22
_LEFT, _TOP, _BOTTOM = 72, 16, 40
_LABEL_ROOM = 34
_BAR = 0.38
_FONTS = "PingFang SC, Microsoft YaHei, Noto Sans SC, Noto Sans CJK SC, sans-serif"
_INK, _GRID = "#14211f", "#788986"
_ENTERED, _OUT = "#00664f", "#a83200"


def draw_hours(hours: Sequence[HourFlow]) -> str:
    """Return entries as full bars and exits as striped ones, told apart without colour."""
    by_hour = {one.hour: one for one in hours}
    first, last = _span(by_hour)
    most = _round_up(max((max(one.entered, one.left) for one in hours), default=0))
    step = (_WIDTH - _LEFT) / (last - first + 1)
    height = _HEIGHT - _TOP - _BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        f' font-family="{_FONTS}" font-size="{_FONT}" fill="{_INK}">',
        '<defs><pattern id="out" width="8" height="8" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><rect width="8" height="8" fill="#fff"/>'
        f'<rect width="4" height="8" fill="{_OUT}"/></pattern></defs>',
    ]
    for quarter in range(5):
        y = _TOP + height * (1 - quarter / 4)
        parts.append(
            f'<path d="M{_LEFT} {y:.1f}H{_WIDTH}" stroke="{_GRID}" stroke-width="0.5"/>'
            f'<text x="{_LEFT - 8}" y="{y + _FONT / 3:.1f}" text-anchor="end">'
            f"{most * quarter // 4}</text>"
        )
    for hour in range(first, last + 1):
        x = _LEFT + step * (hour - first)
        if step >= _LABEL_ROOM or hour % 2 == 0:
            at = f'x="{x + step / 2:.1f}" y="{_HEIGHT - 12}"'
            parts.append(f'<text {at} text-anchor="middle">{hour}</text>')
        found = by_hour.get(hour)
        if found is not None:
            width = step * _BAR
            parts.append(_bar(x + step * 0.1, width, found.entered / most, _ENTERED, _ENTERED))
            parts.append(_bar(x + step * 0.52, width, found.left / most, "url(#out)", _OUT))
    return "".join([*parts, "</svg>"])


def _bar(x: float, width: float, share: float, fill: str, stroke: str) -> str:
    height = (_HEIGHT - _TOP - _BOTTOM) * share
    y = _HEIGHT - _BOTTOM - height
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        f' fill="{fill}" stroke="{stroke}" stroke-width="1"/>'
    )


def _span(by_hour: dict[int, HourFlow]) -> tuple[int, int]:
    """Return the hours shown: at least a usual day."""
    return min([8, *by_hour]), max([17, *by_hour])


def _round_up(most: int) -> int:
    """Return a top of the scale that four lines divide evenly."""
    step = 1
    while most > 4 * step:
        step = step * 2 if str(step)[0] in "15" else step * 5 // 2
    return 4 * step
