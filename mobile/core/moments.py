"""Moments in words, in the city's own time."""

from datetime import date as calendar_day
from datetime import datetime, timedelta

from shared.clock import LOCAL_ZONE
from shared.localized_text import Language

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


def day(moment: datetime, language: Language) -> str:
    """Return 11月22日 周日 / Sun 22 Nov."""
    local = moment.astimezone(LOCAL_ZONE)
    if language == "zh":
        return f"{local.month}月{local.day}日 周{_WEEKDAYS_ZH[local.weekday()]}"
    return f"{_WEEKDAYS_EN[local.weekday()]} {local.day} {_MONTHS_EN[local.month - 1]}"


def date(moment: datetime, language: Language) -> str:
    """Return 2026年11月22日 / 22 Nov 2026."""
    local = moment.astimezone(LOCAL_ZONE)
    if language == "zh":
        return f"{local.year}年{local.month}月{local.day}日"
    return f"{local.day} {_MONTHS_EN[local.month - 1]} {local.year}"


def month(moment: datetime, language: Language) -> str:
    """Return 2026年11月 / Nov 2026."""
    local = moment.astimezone(LOCAL_ZONE)
    if language == "zh":
        return f"{local.year}年{local.month}月"
    return f"{_MONTHS_EN[local.month - 1]} {local.year}"


def near_day(moment: datetime, now: datetime, language: Language) -> str:
    """Return a day of this year with its weekday, one of another year with the year."""
    same_year = moment.astimezone(LOCAL_ZONE).year == now.astimezone(LOCAL_ZONE).year
    return day(moment, language) if same_year else date(moment, language)


def noon(of: calendar_day) -> datetime:
    """Return the middle of a local day."""
    return datetime(of.year, of.month, of.day, 12, tzinfo=LOCAL_ZONE)


def minute(moment: datetime) -> str:
    """Return 14:30."""
    return f"{moment.astimezone(LOCAL_ZONE):%H:%M}"


def second(moment: datetime) -> str:
    """Return 14:30:05."""
    return f"{moment.astimezone(LOCAL_ZONE):%H:%M:%S}"


def day_and_minute(moment: datetime, language: Language) -> str:
    """Return 11月22日 周日 14:30."""
    return f"{day(moment, language)} {minute(moment)}"


def same_day(one: datetime, other: datetime) -> bool:
    """Tell whether two moments fall on one local day."""
    return one.astimezone(LOCAL_ZONE).date() == other.astimezone(LOCAL_ZONE).date()


def day_heading(moment: datetime, now: datetime, language: Language) -> str:
    """Return 今天, 昨天, or the day itself."""
    if same_day(moment, now):
        return "今天" if language == "zh" else "Today"
    if same_day(moment, now - timedelta(days=1)):
        return "昨天" if language == "zh" else "Yesterday"
    return near_day(moment, now, language)


def coming_day(moment: datetime, now: datetime, language: Language) -> str:
    """Return 今天 11月22日 周日, 明天 …, or the day itself, with its year unless it is this one."""
    named = near_day(moment, now, language)
    for days, zh, en in ((0, "今天", "Today"), (1, "明天", "Tomorrow")):
        if same_day(moment, now + timedelta(days=days)):
            return f"{zh} {named}" if language == "zh" else f"{en}, {named}"
    return named


def weekday(moment: datetime, language: Language) -> str:
    """Return 周日 / Sun."""
    number = moment.astimezone(LOCAL_ZONE).weekday()
    return f"周{_WEEKDAYS_ZH[number]}" if language == "zh" else _WEEKDAYS_EN[number]


def day_of_month(moment: datetime, language: Language) -> str:
    """Return 11月22日 / 22 Nov."""
    local = moment.astimezone(LOCAL_ZONE)
    if language == "zh":
        return f"{local.month}月{local.day}日"
    return f"{local.day} {_MONTHS_EN[local.month - 1]}"


def short_day(moment: datetime, now: datetime, language: Language) -> str:
    """Return 今天, 明天, or the day itself."""
    for days, zh, en in ((0, "今天", "today"), (1, "明天", "tomorrow")):
        if same_day(moment, now + timedelta(days=days)):
            return zh if language == "zh" else en
    return near_day(moment, now, language)


def countdown(left: timedelta) -> str:
    """Return 9:05, minutes and seconds."""
    seconds = max(0, int(left.total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02d}"


def age(moment: datetime, now: datetime, language: Language) -> str:
    """Return how old something is: 刚刚, 3 分钟前, then the day and time."""
    passed = now - moment
    zh = language == "zh"
    if passed < _MINUTE:
        return "刚刚" if zh else "just now"
    if passed < _HOUR:
        minutes = passed // _MINUTE
        return f"{minutes} 分钟前" if zh else f"{minutes} min ago"
    if same_day(moment, now):
        return f"今天 {minute(moment)}" if zh else f"today {minute(moment)}"
    return day_and_minute(moment, language)


def span(length: timedelta, language: Language) -> str:
    """Return a length in its largest unit: 40 秒, 3 分钟, 2 小时, 3 天."""
    seconds = int(abs(length).total_seconds())
    for unit, zh, en in ((86_400, "天", "day"), (3_600, "小时", "hour"), (60, "分钟", "minute")):
        if seconds >= unit:
            count = seconds // unit
            return f"{count} {zh}" if language == "zh" else _plural(count, en)
    return f"{seconds} 秒" if language == "zh" else _plural(seconds, "second")


def _plural(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
