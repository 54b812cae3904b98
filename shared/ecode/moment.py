"""Moments in a refusal's detail: ISO local minutes, said as people say them."""

import re
from datetime import datetime, timedelta

from shared.clock import LOCAL_ZONE
from shared.localized_text import LocalizedText

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moment_of(at: datetime) -> str:
    """Return an instant as a detail carries it: 2026-11-23T09:00, local."""
    return at.astimezone(LOCAL_ZONE).strftime("%Y-%m-%dT%H:%M")


def say_moment(text: str, now: datetime | None) -> LocalizedText | None:
    """Return a detail's moment in words, None where `text` is none.

    Today's is its time alone and the next day's is tomorrow's; without `now` the day is always
    named, since nobody knows when the words are read.
    """
    if not _MOMENT.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    clock = f"{moment:%H:%M}"
    today = None if now is None else now.astimezone(LOCAL_ZONE).date()
    if today == moment.date():
        return LocalizedText(clock, clock)
    if today is not None and moment.date() == today + timedelta(days=1):
        return LocalizedText(f"明天 {clock}", f"tomorrow {clock}")
    zh, en = f"{moment.month}月{moment.day}日", f"{moment.day} {_MONTHS[moment.month - 1]}"
    if today is None or moment.year != today.year:
        zh, en = f"{moment.year}年{zh}", f"{en} {moment.year}"
    return LocalizedText(f"{zh} {clock}", f"{en} {clock}")
