"""The map of services: found by hanzi, pinyin, initials and slips; each leads to its page."""

import pytest
from PIL import Image

from infra.make_pinyin import TABLE, table
from mobile.core.pinyin import alike, syllables
from mobile.core.service_map import SERVICES, Realm, find_services, guided_service_at
from mobile.core.service_search import Named, find
from mobile.core.texts import say
from mobile.ui.lazy_screens import PAGES
from mobile.ui.picture import read_window
from mobile.ui.widgets.guide_link import GuideLink
from tests.support.ui import UI

pytestmark = pytest.mark.usefixtures("office")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("挂失", "card_loss"),
        ("丢卡", "card_loss"),
        ("gs", "card_loss"),
        ("GuaShi", "card_loss"),
        ("guas", "card_loss"),
        ("gausi", "card_loss"),
        ("guahsi", "card_loss"),
        ("卦失", "card_loss"),
        ("图书棺", "venues"),
        ("tsg", "venues"),
        ("lbirary", "venues"),
        ("wheelchiar", "venues"),
        ("yuyue", "bookings"),
        ("预月", "bookings"),
        ("bokings", "bookings"),
        ("年瞟", "shop"),
        ("cbb", "look"),
        ("我的授全", "consents"),
        ("12333", "help"),
        ("考试", "exams"),
        ("ks", "exams"),
        ("kaoshi", "exams"),
        ("kaosi", "exams"),
        ("exam", "exams"),
    ],
)
def test_what_is_meant_comes_first_however_it_is_typed(typed: str, first: str) -> None:
    assert find_services(typed)[0].key == first


@pytest.mark.parametrize(
    "typed", ["", "  ", "xyzzy", "养老金", ".*", "\0", "q" * 5_000, "挂" * 900]
)
def test_what_is_not_there_is_not_found(typed: str) -> None:
    assert not find_services(typed)


def test_each_service_is_found_by_its_names_and_their_initials() -> None:
    for service in SERVICES:
        for word in service.also:
            assert service in find_services(word), word
            if not word.isascii() and len(word) > 1:
                initials = "".join(min(syllables(hanzi))[0] for hanzi in word)
                assert service in find_services(initials), (word, initials)


def test_a_slip_never_hides_what_was_typed_right() -> None:
    named = (Named("slip", ("bookinq",)), Named("right", ("booking",)))

    assert find("booking", named) == ("right",)
    assert set(find("bookign", named)) == {"slip", "right"}


def test_sounds_are_told_apart_no_finer_than_they_are_said() -> None:
    assert alike("师", "四")
    assert alike("南", "蓝")
    assert alike("长", "常")
    assert alike("长", "掌")
    assert not alike("卡", "码")


@pytest.mark.parametrize("pair", ["英因", "张脏", "吃次", "是四", "绿路", "年连", "行形"])
def test_each_pair_that_is_often_confused_sounds_alike(pair: str) -> None:
    one, other = pair[0], pair[1]
    assert alike(one, other)
    assert alike(other, one)


def test_the_table_is_what_its_source_says() -> None:
    assert TABLE.read_text("utf-8") == table(), "run python -m infra.make_pinyin"


def test_every_service_has_a_page_and_every_realm_a_service() -> None:
    assert {service.place for service in SERVICES} <= PAGES.keys()
    assert {service.realm for service in SERVICES} == set(Realm)


@pytest.mark.feature("S113")
def test_a_service_is_three_touches_from_the_start(ui: UI) -> None:
    ui.tap("services")
    ui.tap("挂失和补换卡")
    assert ui.app.models.place.name == "card_loss"


def test_what_is_typed_finds_and_leads_there(ui: UI) -> None:
    ui.go("services")
    ui.touch(ui.app.root.page.ids.query)
    ui.write("zcg")
    assert ui.shows("找到 1 项")
    ui.tap("找场馆")
    assert ui.app.models.place.name == "venues"

    ui.go("services")
    assert ui.app.models.services.query == "", "the next search begins anew"
    assert ui.shows("一卡通用")

    ui.touch(ui.app.root.page.ids.query)
    ui.write("养老金")
    assert ui.shows("没有找到“养老金”")
    assert ui.shows("挂失和补换卡"), "the map stays"


def test_settings_of_the_look_open_at_their_part(ui: UI) -> None:
    ui.tap("长辈版")
    ui.go("services")
    ui.tap("一卡通用")
    assert ui.shows("下载我的信息")
    assert not ui.shows("一卡通付"), "one decision a page"
    ui.tap("字号和语言")
    assert ui.shows("字号")

    ui.go("services")
    ui.tap("一卡通办")
    ui.tap("返回")
    assert ui.shows("一卡通付")


def test_a_service_begins_anew_or_asks_for_the_sign_in_it_needs(ui: UI) -> None:
    async def choose(key: str) -> None:
        ui.app.models.services.choose(key)

    for key, place in (("bookings", "bookings"), ("shop", "shop"), ("data_use", "sign_in")):
        ui.run(choose(key))
        assert ui.app.models.place.name == place


@pytest.mark.feature("U24")
def test_help_answers_what_people_ask_of_electronic_cards(ui: UI) -> None:
    ui.go("help")
    for asked in ("刷脸", "封存", "几张社保卡", "社保卡丢了"):
        assert ui.shows(asked)
    ui.tap("打 12333，问人工")
    ui.wait(lambda: ui.shows("请用电话拨 12333"))


def marks(ui: UI) -> list[int]:
    """Return how many pixels of each tab's upper edge have the colour of the present one's mark."""
    ui.frames()
    ui.draw()
    read = read_window()
    primary = tuple(round(255 * part) for part in ui.app.theme.primary[:3])
    image = Image.frombytes("RGBA", (read.width, read.height), read.pixels).convert("RGB")
    found = []
    for name in ("code", "wallet", "bookings", "me"):
        tab = ui.target(name)
        row = int(tab.to_window(*tab.pos)[1] + tab.height) - 2  # pixels begin at the lower left
        line = (image.getpixel((x, row)) for x in range(int(tab.x), int(tab.right)))
        found.append(sum(one == primary for one in line))
    return found


def test_the_bar_marks_the_present_tab_alone_and_none_on_the_map_of_services(ui: UI) -> None:
    for name in ("wallet", "bookings", "me", "code"):
        ui.tap(name)
    code, *others = marks(ui)
    assert code > 20
    assert others == [0, 0, 0], "a tab that was left bears no mark any more"
    for page in ("services", "exams", "records", "safe_check"):
        assert ui.app.models.place.tab_of(page) not in {"code", "wallet", "bookings", "me"}
    ui.go("services")
    assert marks(ui) == [0, 0, 0, 0]


def test_each_service_has_its_guide_on_its_page_but_the_help_and_the_settings() -> None:
    without = {"guides", "help", "look"}
    for service in SERVICES:
        expected = "" if service.key in without else service.key
        assert guided_service_at(service.place) == expected
    assert guided_service_at("sign_in") == ""


@pytest.mark.feature("S102")
def test_the_page_of_a_service_ends_with_its_guide_and_back_leads_there(ui: UI) -> None:
    for place in ("help", "code", "shop"):
        ui.go(place)
        ui.wait(lambda: ui.app.models.place.name == "help" or list(ui.widgets(GuideLink)))
        for link in ui.widgets(GuideLink):
            assert link.item == place
            assert link.parent.children[0] is link, "it is the page's last"
    ui.go("challenge")  # nothing comes that would move the link
    ui.tap(say("zh", "guide.of", service=say("zh", "service.challenge")))
    guides = ui.app.models.guides
    assert (ui.app.models.place.name, guides.state.chosen) == ("guides", "challenge")
    ui.tap("返回")
    assert ui.app.models.place.name == "challenge"
    ui.go("guides")
    assert guides.state.chosen == "", "the next visit begins with the whole list"
