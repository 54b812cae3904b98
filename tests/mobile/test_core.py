"""What the app knows without a screen: time, words, lines, settings, what the server sends."""

from datetime import UTC, datetime, timedelta

import pytest

from mobile import VERSION
from mobile.core import enrolment_code, moments
from mobile.core.card import Card, CardState, IssuedCertificate
from mobile.core.line_breaks import balance_lines, break_lines
from mobile.core.preferences import Preferences
from mobile.core.settings import InvalidSetting, read_settings
from mobile.core.trusted_time import ClockReading, TrustedTime
from mobile.core.visits import Visit

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def reading(seconds: float, moved: float = 0) -> ClockReading:
    """Return the clocks some seconds after noon, with the wall clock moved by hand."""
    return ClockReading(NOON + timedelta(seconds=seconds + moved), seconds)


class TestTrustedTime:
    def test_without_a_server_the_phone_is_believed(self) -> None:
        time = TrustedTime(reading(0))

        assert time.at(reading(5)) == NOON + timedelta(seconds=5)

    def test_the_first_answer_sets_the_offset_at_its_middle(self) -> None:
        server = NOON + timedelta(seconds=101)
        time = TrustedTime(reading(0)).settled(server, reading(0), reading(2))

        assert time.offset == timedelta(seconds=100)
        assert time.error(reading(5)) == timedelta(seconds=-100)

    def test_a_slow_answer_moves_it_only_as_far_as_it_proves(self) -> None:
        time = TrustedTime(reading(0)).settled(NOON, reading(0), reading(0))
        slow = NOON + timedelta(seconds=30)
        unmoved = time.settled(slow, reading(0), reading(60))
        moved = time.settled(slow, reading(35), reading(60))

        assert unmoved.offset == timedelta(0)
        assert moved.offset == timedelta(seconds=-5)

    def test_a_hand_at_the_clock_is_not_followed(self) -> None:
        time = TrustedTime(reading(0))

        assert time.at(reading(10, moved=-600)) == NOON + timedelta(seconds=10)
        assert time.at(reading(10, moved=1)) == NOON + timedelta(seconds=11)

    def test_an_answer_during_such_a_move_proves_nothing(self) -> None:
        time = TrustedTime(reading(0))

        assert time.settled(NOON, reading(0), reading(1, moved=600)) is time


class TestMoments:
    def test_a_day_is_the_citys(self) -> None:
        late = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)

        assert moments.day_and_minute(late, "zh") == "11月22日 周日 00:30"
        assert moments.day_and_minute(late, "en") == "Sun 22 Nov 00:30"

    @pytest.mark.parametrize(
        ("passed", "words"),
        [
            (timedelta(seconds=59), "刚刚"),
            (timedelta(minutes=59), "59 分钟前"),
            (timedelta(hours=2), "今天 10:00"),
            (timedelta(hours=13), "11月21日 周六 23:00"),
        ],
    )
    def test_ages_grow_coarser(self, passed: timedelta, words: str) -> None:
        assert moments.age(NOON - passed, NOON, "zh") == words

    @pytest.mark.parametrize(("days", "heading"), [(0, "今天"), (1, "昨天"), (2, "11月20日 周五")])
    def test_days_have_their_headings(self, days: int, heading: str) -> None:
        assert moments.day_heading(NOON - timedelta(days=days), NOON, "zh") == heading

    @pytest.mark.parametrize(
        ("length", "zh", "en"),
        [
            (timedelta(seconds=-40), "40 秒", "40 seconds"),
            (timedelta(minutes=1), "1 分钟", "1 minute"),
            (timedelta(hours=3, minutes=59), "3 小时", "3 hours"),
            (timedelta(days=2), "2 天", "2 days"),
        ],
    )
    def test_spans_are_told_in_one_unit(self, length: timedelta, zh: str, en: str) -> None:
        assert moments.span(length, "zh") == zh
        assert moments.span(length, "en") == en


class TestLines:
    """Measured in signs: a hanzi counts two, anything else one."""

    @staticmethod
    def measure(line: str) -> float:
        return sum(2 if sign > "\u2e80" else 1 for sign in line)

    def test_no_line_begins_with_a_closing_mark(self) -> None:
        text = "请连上网络，几秒内自动续期；急用请出示实体卡。"
        for width in range(6, 60):
            for line in break_lines(text, width, self.measure).split("\n"):
                assert line[0] not in "，；。", (width, line)
                assert self.measure(line) <= width

    def test_no_line_ends_with_an_opening_mark(self) -> None:
        for width in range(8, 40):
            lines = break_lines("图标（阿帕奇）字体（开放）", width, self.measure).split("\n")
            assert all(line[-1] != "（" for line in lines), lines

    def test_words_and_numbers_stay_whole(self) -> None:
        text = "拨打 12333 或 call the outlet"

        lines = break_lines(text, 12, self.measure).split("\n")
        assert " ".join(lines).split() == text.split()

    def test_a_day_stays_whole(self) -> None:
        text = "市卫生健康委员会11月22日 周日 14:30，2026年3月1日起，9月开始"
        for width in range(12, 60):
            broken = break_lines(text, width, self.measure)
            for day in ("11月22日", "周日", "2026年3月1日", "9月"):
                assert day in broken, (width, broken)

    def test_a_balanced_heading_leaves_no_sign_alone(self) -> None:
        text = "请将二维码对准扫码口"

        assert break_lines(text, 18, self.measure) == "请将二维码对准扫码\n口"
        assert balance_lines(text, 18, self.measure) == "请将二维码\n对准扫码口"

    @pytest.mark.parametrize(
        ("text", "width", "lines"),
        [
            ("最后确认：提交注销申请", 20, ["最后确认：", "提交注销申请"]),
            ("最后确认：正式挂失，不能撤销", 20, ["最后确认：", "正式挂失，不能撤销"]),
            ("Last question: ask for it now", 20, ["Last question:", "ask for it now"]),
            ("最后确认：正式挂失，不能撤销", 16, ["最后确认：正式挂", "失，不能撤销"]),
            ("最后确认：提交", 20, ["最后确认：提交"]),
        ],
    )
    def test_a_balanced_heading_breaks_after_its_colon_where_that_costs_no_line(
        self, text: str, width: float, lines: list[str]
    ) -> None:
        assert balance_lines(text, width, self.measure).split("\n") == lines

    def test_nothing_is_lost(self) -> None:
        text = "一卡通 0.1.0，开源软件。\n字体 Noto Sans SC（OFL 1.1）"
        for width in range(1, 50):
            broken = break_lines(text, width, self.measure)
            assert "".join(broken.split()) == "".join(text.split())


class TestSettings:
    def test_defaults_are_for_one_machine(self) -> None:
        settings = read_settings({})

        assert settings.backend_url == "http://127.0.0.1:8000"
        assert settings.mirror_dir is None

    @pytest.mark.parametrize("value", ["backend", "ftp://host", "http://", "127.0.0.1:8000"])
    def test_a_wrong_address_is_named(self, value: str) -> None:
        with pytest.raises(InvalidSetting, match="YIKATONG_APP_BACKEND_URL"):
            read_settings({"YIKATONG_APP_BACKEND_URL": value})


def test_the_version_is_the_projects() -> None:
    import tomllib  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION


def test_a_code_is_found_in_what_a_link_brings() -> None:
    assert enrolment_code.digits_of(" 31415-92653 ") == "3141592653"
    assert enrolment_code.digits_of("３１４") == ""


def test_preferences_of_another_version_take_their_defaults() -> None:
    stored = {"language": "fr", "elder": "yes", "text_scale": 7, "dark": True}

    assert Preferences.of_wire(stored) == Preferences()
    chosen = Preferences("en", elder=True, contrast=True, text_scale=1.4)
    assert Preferences.of_wire(chosen.to_wire()) == chosen


def test_a_card_state_of_a_newer_server_is_not_taken_for_active() -> None:
    wire = {
        "maskedName": "钟*明",
        "cardNumberTail": "5341",
        "region": {"name": {"zh": "赣州市", "en": "Ganzhou"}},
        "state": "FROZEN",
    }
    assert Card.of_wire(wire).state is CardState.OTHER


@pytest.mark.parametrize(
    "wire",
    [
        {"certificate": "not base64!", "renewAfter": "2026-11-22T00:00:00Z"},
        {"certificate": "AAAA", "renewAfter": "2026-11-22T00:00:00Z"},
        {"renewAfter": "2026-11-22T00:00:00Z"},
    ],
)
def test_a_certificate_that_is_none_is_refused(wire: dict[str, str]) -> None:
    with pytest.raises((ValueError, KeyError)):
        IssuedCertificate.of_wire(wire)


def test_a_visit_without_a_time_zone_is_refused() -> None:
    name = {"zh": "馆", "en": "Museum"}
    wire = {
        "id": "v",
        "at": "2026-11-22T14:30:00",
        "venueName": name,
        "laneName": name,
        "medium": "ECODE",
        "verdict": "ADMITTED",
    }
    with pytest.raises(ValueError, match="time zone"):
        Visit.of_wire(wire)
    visit = Visit.of_wire({**wire, "at": "2026-11-22T14:30:00+08:00"})
    assert Visit.of_wire(visit.to_wire()) == visit
