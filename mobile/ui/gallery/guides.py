"""Guides: the list, the search, one guide by its parts, and what goes wrong."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from mobile.core.guide import Guide, GuidesSeen, GuideStep, GuideTitle
from mobile.core.trouble import UNREACHABLE, Trouble
from mobile.core.venue import Venue
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Scene, Stage
from mobile.viewmodels.guide_lines import OUTLETS_PART, STEPS_PART
from shared.localized_text import LocalizedText

_TITLES = (
    ("card_loss", "挂失和补换卡", "Report a lost card"),
    ("family", "亲情代办", "Act for my family"),
    ("code", "出示码", "Show my code"),
    ("venues", "找场馆", "Find a venue"),
    ("exams", "我的考试", "My examinations"),
    ("records", "档案查询", "My records"),
    ("function.transit", "公共交通", "Public transport"),
)
TITLES = tuple(
    GuideTitle(item, LocalizedText(zh, en), NOW - timedelta(days=12)) for item, zh, en in _TITLES
)


def _outlet(number: int, name: tuple[str, str], address: tuple[str, str], opens: bool) -> Venue:
    return Venue(
        number=number,
        name=LocalizedText(*name),
        kind="",
        address=LocalizedText(*address),
        distance=420.0 * number - 12_600,
        accessibility=("WHEELCHAIR",) if opens else (),
        needs_booking=False,
        open_now=opens,
        next_opening=NOW if opens else NOW + timedelta(hours=19),
    )


GUIDE = Guide(
    item="card_loss",
    title=TITLES[0].title,
    facts=(
        LocalizedText(
            "持卡人本人；到网点可以由家人代办。", "The holder; at an outlet also family."
        ),
        LocalizedText(
            "手机上挂失不用带材料；到网点带身份证。",
            "Nothing on the phone; your identity card at an outlet.",
        ),
        LocalizedText(
            "挂失免费；补卡费用以网点公示为准。",
            "Reporting is free; for a new card, see the outlet's list of fees.",
        ),
        LocalizedText("临时挂失马上生效。", "A suspension counts at once."),
    ),
    steps=(
        GuideStep(
            "card-off",
            LocalizedText(
                "打开“挂失和补换卡”，先点“临时挂失”：卡和码马上停用。",
                "Open Report a lost card and suspend it: card and code stop at once.",
            ),
        ),
        GuideStep(
            "check",
            LocalizedText(
                "卡找到了，登录后点“解挂”。", "If you find it, sign in and lift the suspension."
            ),
        ),
        GuideStep(
            "a-picture-of-later",
            LocalizedText("带身份证到网点补办新卡。", "Get a new card with your identity card."),
        ),
    ),
    outlets=(
        _outlet(
            31,
            ("红旗大道社会保障卡网点", "Hongqi Avenue Card Outlet"),
            ("章贡区红旗大道", "Hongqi Avenue"),
            True,
        ),
        _outlet(
            36,
            ("梅林社会保障卡网点", "Meilin Card Outlet"),
            ("赣县区梅林镇", "Meilin, Ganxian"),
            False,
        ),
    ),
    owner=LocalizedText("市人力资源和社会保障局", "Human Resources and Social Security Bureau"),
    reviewed_at=NOW - timedelta(days=12),
)
AT_HOME = replace(GUIDE, item="exams", title=TITLES[4].title, outlets=())
OLD = replace(GUIDE, reviewed_at=NOW - timedelta(days=91))


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    yield "guides", _listed(stage)
    yield "guides-search", _listed(stage, "gs")
    yield "guides-nothing", _listed(stage, "飞机票")
    yield "guides-offline", _listed(stage, trouble=UNREACHABLE)
    yield "guides-unread", _listed(stage, seen=False, trouble=UNREACHABLE)
    yield "guide", _opened(stage, GUIDE)
    yield "guide-steps", _opened(stage, GUIDE, STEPS_PART)
    yield "guide-outlets", _opened(stage, GUIDE, OUTLETS_PART)
    yield "guide-no-position", _opened(stage, GUIDE, OUTLETS_PART, no_position=True)
    yield "guide-at-home", _opened(stage, AT_HOME, OUTLETS_PART)
    yield "guide-old", _opened(stage, OLD)
    yield "guide-offline", _opened(stage, GUIDE, OUTLETS_PART, trouble=UNREACHABLE)


def _listed(
    stage: Stage, query: str = "", *, seen: bool = True, trouble: Trouble | None = None
) -> Callable[[], None]:
    def show() -> None:
        model = stage.models.guides
        age = timedelta(days=2) if trouble else timedelta()
        model._guides.known = GuidesSeen(TITLES, NOW - age) if seen else None
        stage.show(stage.wallet, "guides")
        model.open()
        model._reading.trouble, model._no_position = trouble, False
        model.query = query
        model.tick()

    return show


def _opened(
    stage: Stage,
    guide: Guide,
    part: str = "",
    *,
    no_position: bool = False,
    trouble: Trouble | None = None,
) -> Callable[[], None]:
    def show() -> None:
        _listed(stage)()
        model = stage.models.guides
        known = GuidesSeen(TITLES, NOW).with_guide(guide, NOW - timedelta(days=2))
        model._guides.known = known
        model.choose(guide.item)
        model._fresh = None if trouble else guide
        model._part = part or model._part
        model._reading.trouble, model._no_position = trouble, no_position
        model.tick()

    return show
