"""A configuration code 配置码 before a lane: whether it is believed, and what is told of it."""

from datetime import datetime

from reader_service.lane.records import Passing, record_of
from reader_service.trusted_lists import Lists
from shared.admission.answer import Answer, Verdict
from shared.admission.evidence import Medium
from shared.localized_text import LocalizedText
from shared.trust.lane_code import LaneCode, read_lane_code
from shared.trust.trust_list import Untrusted
from shared.wire.scans import Direction, ScanRecord

TURNED_BY = "turned_by"
"""In a record's detail: who made the code that turned the lane the record's way."""
ONE_WAY = "one_way_lane"
_FROM_NOW = LocalizedText("下一位起按新方向通行", "It holds from the next visitor on")
_NOTHING_CHANGED = LocalizedText("方向没有改变", "Nothing was changed")
TURNED = {
    Direction.IN: LocalizedText("通道已改为进场", "The lane lets people in now"),
    Direction.OUT: LocalizedText("通道已改为出场", "The lane lets people out now"),
}
_ALREADY = {
    Direction.IN: LocalizedText("通道本来就是进场", "The lane lets people in already"),
    Direction.OUT: LocalizedText("通道本来就是出场", "The lane lets people out already"),
}
REFUSED = {
    "expired": (
        LocalizedText("配置码已过期", "The configuration code has ended"),
        LocalizedText("请管理员另发一张", "Ask the administrator for a new one"),
    ),
    "revoked": (
        LocalizedText("配置码已作废", "The configuration code was revoked"),
        LocalizedText("请用最新发的配置码", "Show one that was made since"),
    ),
    "not_for_this_reader": (
        LocalizedText("这不是本通道的配置码", "This configuration code is not for this lane"),
        LocalizedText("请到它所属的场馆和通道使用", "Show it at its own venue and lane"),
    ),
    ONE_WAY: (
        LocalizedText("这个通道的方向是固定的", "This lane has one way only"),
        LocalizedText("如需改动，请改通道文件", "Change the lanes file to change that"),
    ),
}
NOT_BELIEVED = (
    LocalizedText("配置码不可信", "The configuration code cannot be believed"),
    LocalizedText("请管理员另发一张", "Ask the administrator for a new one"),
)


def turning(
    text: str, lists: Lists, lane: int, stands: tuple[Direction, bool], now: datetime
) -> tuple[Answer, ScanRecord]:
    """Return what is told of a code, and its record, which goes the way that the code says.

    `stands` is which way the lane lets people, and whether it may be turned. A refusal does
    nothing and is not for the journal.
    """
    before, may_turn = stands
    try:
        code = _believed(text, lists, lane, now)
    except Untrusted as error:
        answer = Answer(Verdict.REFUSE, *REFUSED.get(error.code, NOT_BELIEVED))
        return answer, record_of(answer, lane, Medium.ECODE, Passing(before), now)
    way = Direction.OUT if code.out else Direction.IN
    if way is not before and not may_turn:
        answer = Answer(Verdict.REFUSE, *REFUSED[ONE_WAY])
        return answer, record_of(answer, lane, Medium.ECODE, Passing(before), now)
    words = (_ALREADY[way], _NOTHING_CHANGED) if way is before else (TURNED[way], _FROM_NOW)
    answer = Answer(Verdict.AGAIN, *words, detail={TURNED_BY: code.made_by})
    return answer, record_of(answer, lane, Medium.ECODE, Passing(way), now)


def _believed(text: str, lists: Lists, lane: int, now: datetime) -> LaneCode:
    manifest = lists.manifest
    if lists.trust is None or manifest is None:
        raise Untrusted("unknown_key")
    code = read_lane_code(text, lists.trust, now)
    if (code.region, code.venue) != (manifest.region, manifest.venue_number):
        raise Untrusted("not_for_this_reader")
    if code.lane not in {None, lane}:
        raise Untrusted("not_for_this_reader")
    if manifest.lane_codes_since is not None and code.issued_at < manifest.lane_codes_since:
        raise Untrusted("revoked")
    return code
