"""What a guide has to say, and how old it may be: pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.demo_city import FUNCTIONS
from backend.foundation.audit import holds_personal_number
from backend.foundation.refusals import Refusal
from backend.guides.demo_outlets import OUTLETS
from backend.guides.guide_files import (
    DEMO_FILE,
    GUIDE_FILE,
    GUIDE_FILE_ENCODING,
    GUIDE_FILE_LARGE,
    MOST_BYTES,
    read_guides,
)
from backend.guides.rules import (
    FRESH,
    FUNCTION_PREFIX,
    GUIDE_FORM,
    Gap,
    GapKind,
    Guide,
    Step,
    gaps,
    guide_fault,
    metres_between,
)
from mobile.core.service_map import SERVICES
from mobile.core.texts import TEXTS
from mobile.ui.icons import GLYPHS
from shared.localized_text import LocalizedText
from shared.wire.published_services import PUBLISHED_SERVICES

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
TEXT = LocalizedText("免费", "Free")
GUIDE = Guide("code", TEXT, TEXT, TEXT, TEXT, TEXT, (Step(TEXT, "qrcode"),), (31,))


@pytest.mark.feature("S102")
def test_a_guide_is_fresh_for_ninety_days_and_not_a_moment_longer() -> None:
    reviewed = {"code": NOW - FRESH, "exams": NOW - FRESH - timedelta(microseconds=1)}
    assert timedelta(days=90) == FRESH
    assert gaps(("code", "exams", "family"), reviewed, NOW) == (
        Gap("exams", GapKind.OUTDATED, reviewed["exams"]),
        Gap("family", GapKind.MISSING),
    )
    assert gaps(("code",), reviewed, NOW + timedelta(seconds=1))


@pytest.mark.parametrize(
    "wrong",
    [
        replace(GUIDE, steps=()),
        replace(GUIDE, steps=GUIDE.steps * 13),
        replace(GUIDE, steps=(Step(TEXT, "../qrcode"),)),
        replace(GUIDE, title=LocalizedText("", "Free")),
        replace(GUIDE, title=LocalizedText("码" * 41, "Free")),
        replace(GUIDE, who=LocalizedText("本人", " ")),
        replace(GUIDE, bring=LocalizedText("证\u0000件", "Card")),
        replace(GUIDE, cost=LocalizedText("打13800138000", "Call")),
        replace(GUIDE, takes=LocalizedText("久" * 401, "Long")),
        replace(GUIDE, outlets=(31, 31)),
        replace(GUIDE, outlets=tuple(range(31))),
    ],
)
def test_a_guide_that_says_too_little_too_much_or_a_persons_number_is_refused(
    wrong: Guide,
) -> None:
    assert guide_fault(GUIDE, holds_personal_number) is None
    assert guide_fault(wrong, holds_personal_number) == GUIDE_FORM


def test_the_map_of_the_app_shows_exactly_what_is_published() -> None:
    assert sorted(service.key for service in SERVICES) == sorted(PUBLISHED_SERVICES)


@pytest.mark.feature("S102")
def test_the_demonstration_city_has_a_guide_of_everything_in_the_apps_own_pictures() -> None:
    guides = read_guides(DEMO_FILE)
    assert not isinstance(guides, Refusal)
    functions = [FUNCTION_PREFIX + one.code for one in FUNCTIONS]
    assert {one.item for one in guides} == {*PUBLISHED_SERVICES, *functions}
    for guide in guides:
        assert guide_fault(guide, holds_personal_number) is None, guide.item
        assert {step.icon for step in guide.steps} <= set(GLYPHS), guide.item
        called = TEXTS.get(f"service.{guide.item}", guide.title)
        assert guide.title == called, "the guide is called as the app calls its service"
        assert set(guide.outlets) <= {one.number for one in OUTLETS}


WHOLE = "".join(
    f'{name} = ["免费", "Free"]\n' for name in ("title", "who", "bring", "cost", "takes")
)
STEPS = 'steps = [["qrcode", "打开", "Open"]]\n'
GOOD = f"[code]\n{WHOLE}{STEPS}outlets = [31]\n"
NO_OUTLETS = (
    *("[inf]", "[-inf]", "[nan]", "[31.5]", "[true]", '["31"]', '"31"', "31", "false"),
    *("[0]", "[-1]", "[65536]", "[9223372036854775808]", "[[31]]", "[1979-05-27]"),
    f"[{'9' * 4_000}]",
)


@pytest.mark.parametrize(
    "text",
    [
        "[code",
        pytest.param("a = " + "[" * 50_000, id="deep"),
        pytest.param("a = {b = " * 20_000, id="deep tables"),
        pytest.param(f"a = {'9' * 5_000}", id="long number"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "guides.toml"
    file.write_text(text, encoding="utf-8")
    assert read_guides(file) == GUIDE_FILE
    for none in (tmp_path, tmp_path / "none.toml", Path("a\0b")):
        assert read_guides(none) == GUIDE_FILE


@pytest.mark.parametrize(
    "text",
    [
        'code = "x"',
        "code = 7",
        "[[code]]",
        "[code]\ntitle = 3",
        '[code]\ntitle=["a"]',
        GOOD.replace('title = ["免费", "Free"]', 'title = "字A"'),
        GOOD.replace('title = ["免费", "Free"]', "title = [3, 4]"),
        GOOD.replace(STEPS, 'steps = ["abc"]\n'),
        GOOD.replace(STEPS, "steps = [[]]\n"),
        GOOD.replace('"qrcode"', "7"),
        *(pytest.param(GOOD.replace("[31]", one), id=one[:20]) for one in NO_OUTLETS),
        *(pytest.param(f"outlets = {one}\n" + GOOD.replace("[31]", "true"), id=f"usual {one[:20]}")
          for one in NO_OUTLETS),
    ],
)  # fmt: skip
def test_what_is_written_otherwise_than_a_guide_is_refused_by_its_items_name(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / "guides.toml"
    file.write_text(text, encoding="utf-8")
    refused = read_guides(file)
    assert isinstance(refused, Refusal)
    assert refused.code == GUIDE_FILE.code
    assert "“code”" in refused.text.zh
    assert '"code"' in refused.text.en


def test_a_file_that_is_no_text_or_too_much_of_it_says_so(tmp_path: Path) -> None:
    file = tmp_path / "guides.toml"
    for written, refused in (
        (b"\xff\xfe", GUIDE_FILE_ENCODING),
        (GOOD.encode("gbk"), GUIDE_FILE_ENCODING),
        (GOOD.encode("utf-16"), GUIDE_FILE_ENCODING),
        (b"#" * (MOST_BYTES + 1), GUIDE_FILE_LARGE),
    ):
        file.write_bytes(written)
        assert read_guides(file) == refused
    control = GOOD.replace("[code]", '["\\u001b[2J"]').replace("[31]", "[inf]")
    file.write_text(control, encoding="utf-8")
    shown = read_guides(file)
    assert isinstance(shown, Refusal)
    assert "\x1b" not in shown.text.zh + shown.text.en, "a file does not write on the terminal"


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "guides.toml"
    file.write_text(GOOD, encoding="utf-8-sig")
    read = read_guides(file)
    assert not isinstance(read, Refusal)
    assert [(one.item, one.outlets) for one in read] == [("code", (31,))]


def test_distances_are_those_of_the_earth() -> None:
    assert metres_between((25.0, 115.0), (25.0, 115.0)) == 0
    assert metres_between((0.0, 0.0), (1.0, 0.0)) == pytest.approx(111_195, rel=1e-4)
    assert metres_between((0.0, 179.5), (0.0, -179.5)) == pytest.approx(111_195, rel=1e-4)
