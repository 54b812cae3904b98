"""The code: what a scanner reads off the screen, in every state of card, clock and network."""

from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest

from mobile.ui.widgets.qr_code import MODULES, QUIET_MODULES, QrCode
from shared.clock import ManualClock
from shared.ecode.proof import SLOT_SECONDS, counter_at
from shared.ecode.reasons import Reason
from shared.ecode.verify import PresentationContext, RefusedCode, VerifiedCode
from tests.mobile.booking_desk import venue
from tests.mobile.card_office import CODE, CardOffice
from tests.support.ui import UI, Phone, running

GATE = PresentationContext(venue=1)


def read(ui: UI, office: CardOffice) -> VerifiedCode:
    """Read the code off the pixels and verify it as a reader would."""
    digits = ui.code()
    assert digits is not None, ui.texts()
    answer = office.verifier().verify(digits, office.clock.now(), GATE)
    assert isinstance(answer, VerifiedCode), answer
    return answer


def test_a_reader_accepts_the_code_on_the_screen(ui: UI, office: CardOffice) -> None:
    proof = read(ui, office).proof

    assert proof.counter == counter_at(office.clock.now().timestamp())
    assert (proof.purpose, proof.venue) == (0, 0)


def test_each_slot_has_a_new_code_and_the_old_one_dies(ui: UI, office: CardOffice) -> None:
    before = read(ui, office).proof
    first = ui.code()
    assert ui.code() == first, "within a slot the code stays"

    ui.later(SLOT_SECONDS)
    assert read(ui, office).proof.counter == before.counter + 1

    ui.later(3 * SLOT_SECONDS)
    assert first is not None
    answer = office.verifier().verify(first, office.clock.now(), GATE)
    assert isinstance(answer, RefusedCode)
    assert answer.reason is Reason.STALE


def test_the_code_follows_the_clock_and_not_the_ticks(ui: UI, office: CardOffice) -> None:
    """An app that slept for an hour shows the code of now with its first frame."""
    office.broken = b""
    ui.phone.clock.advance(3600)
    ui.later(0.2)

    assert read(ui, office).proof.counter == counter_at(ui.phone.clock.now().timestamp())


def test_without_network_a_fresh_start_shows_a_valid_code(
    enrolled: Phone, office: CardOffice
) -> None:
    enrolled.online = False
    enrolled.clock.advance(20 * 3600)
    with running(enrolled) as ui:
        read(ui, office)
        assert ui.shows("钟*明")
        ui.wait(lambda: ui.shows("起连不上网"))
        assert ui.shows("码照常可用")


def test_modules_and_quiet_zone_are_large_enough(ui: UI) -> None:
    """In pixels of the window: a module of 4 or more, 4 modules of white around the symbol."""
    qr = next(ui.widgets(QrCode))
    picture = ui.picture()
    left, bottom = (int(value) for value in qr.to_window(qr.x, qr.y))
    width, height = int(qr.width), int(qr.height)
    square = picture.crop((left, 860 - bottom - height, left + width, 860 - bottom))
    dark = square.point(lambda value: 255 if value < 64 else 0)
    inner = dark.crop((12, 12, width - 12, height - 12)).getbbox()

    assert inner is not None
    symbol = (inner[2] - inner[0], inner[3] - inner[1])
    assert symbol == (qr.module_pixels * MODULES, qr.module_pixels * MODULES)
    assert qr.module_pixels >= 4
    assert min(inner[0], inner[1]) + 12 >= QUIET_MODULES * qr.module_pixels


@pytest.mark.feature("A27")
def test_nothing_flashes_more_than_three_times_a_second(ui: UI) -> None:
    """The picture of the code, all of it that is larger than the ring, changes once in 5 s."""
    changes, last = 0, ui.code()
    for _ in range(25):
        ui.later(0.4, step=0.4)
        changes += ui.code() != last
        last = ui.code()

    assert changes == 2


@pytest.mark.feature("U9")
def test_the_screen_is_bright_while_a_code_is_shown(ui: UI) -> None:
    seen = [ui.phone.screen.bright]
    for tab in ("我的", "码"):
        ui.tap(tab)
        seen.append(ui.phone.screen.bright)

    assert seen == [True, False, True]


def test_no_brightness_without_a_code_nor_in_the_background(ui: UI, office: CardOffice) -> None:
    seen = []
    for happens in ("on_pause", "on_resume"):
        ui.app.dispatch(happens)
        seen.append(ui.phone.screen.bright)
    office.state = "SUSPENDED"
    ui.wait(lambda: ui.shows("卡已临时挂失"))
    seen.append(ui.phone.screen.bright)

    assert seen == [False, True, False]


def test_a_suspended_card_shows_words_instead_of_a_code(ui: UI, office: CardOffice) -> None:
    office.state = "SUSPENDED"
    ui.wait(lambda: ui.shows("卡已临时挂失"))

    assert ui.code() is None
    assert ui.shows("12333")


def test_a_phone_that_was_unbound_says_so(ui: UI, office: CardOffice) -> None:
    office.refuse_card = {
        "__typename": "Refusal",
        "code": "device_unbound",
        "text": {"zh": "这部手机已解除绑定", "en": "This phone was unbound"},
        "nextStep": {"zh": "请重新激活", "en": "Activate it again"},
    }
    ui.wait(lambda: ui.shows("这部手机已解除绑定"))

    assert ui.code() is None
    assert ui.shows("请重新激活")

    ui.tap("重新绑定")
    assert ui.shows("请输入 10 位激活码")


def test_the_certificate_is_renewed_early_when_the_server_says_so(
    ui: UI, office: CardOffice
) -> None:
    """After a correction what it says of its holder is no longer so."""
    first = read(ui, office).certificate
    ui.wait(lambda: "Home" in office.asked)
    ui.later(5)
    assert "RenewCertificate" not in office.asked

    ui.phone.clock.advance(3600)
    office.renew_after = office.clock.now()
    ui.wait(lambda: "RenewCertificate" in office.asked)
    ui.wait(lambda: office.asked[-3:] == ["Home"] * 3)

    assert read(ui, office).certificate != first
    assert office.asked.count("RenewCertificate") == 1
    wish = office.wishes[office.asked.index("RenewCertificate")]["input"]
    held = urlsafe_b64encode(first.raw).rstrip(b"=").decode()
    assert wish["heldCertificate"] == held, "so that the server need not look everything up"


def test_the_certificate_is_renewed_before_it_ends(ui: UI, office: CardOffice) -> None:
    first = read(ui, office).certificate
    ui.phone.clock.advance(25 * 3600)
    ui.wait(lambda: "RenewCertificate" in office.asked)
    ui.wait(lambda: read(ui, office).certificate != first)

    assert read(ui, office).certificate.claims.not_after > first.claims.not_after


def test_an_ended_certificate_says_what_to_do_and_comes_back_by_itself(
    enrolled: Phone, office: CardOffice
) -> None:
    office.broken = b"no JSON"
    enrolled.clock.advance(47 * 3600)
    with running(enrolled) as ui:
        ui.wait(lambda: ui.shows("本机凭证还剩"))
        read(ui, office)

        enrolled.clock.advance(2 * 3600)
        ui.later(0.5)
        assert ui.code() is None
        assert ui.shows("到期")
        assert ui.shows("请连上网络")

        office.broken = None
        ui.later(60, step=1)
        ui.wait(lambda: ui.code() is not None)
        read(ui, office)


def test_a_refused_renewal_tells_its_reason(enrolled: Phone, office: CardOffice) -> None:
    office.refuse_renewal = {
        "__typename": "Refusal",
        "code": "renewal_refused",
        "text": {"zh": "不能续期", "en": "No renewal"},
        "nextStep": {"zh": "请到服务网点核验身份", "en": "Prove your identity at an outlet"},
    }
    enrolled.clock.advance(45 * 3600)
    with running(enrolled) as ui:
        ui.wait(lambda: ui.shows("请到服务网点核验身份"))
        read(ui, office)


def test_a_wrong_clock_is_corrected_and_told(phone: Phone, office: CardOffice) -> None:
    office.clock = ManualClock(phone.clock.now() + timedelta(seconds=45))
    with running(phone, enrolment_code=CODE) as ui:
        ui.wait(lambda: ui.shows("钟*明"))

        read(ui, office)
        assert ui.shows("手机时间慢了")


def test_a_clock_set_back_while_the_app_runs_is_not_followed(ui: UI, office: CardOffice) -> None:
    """The wall clock jumps, the steady one does not: somebody is at the settings."""
    ui.wait(lambda: "Home" in office.asked)
    office.broken = b"no JSON"
    true_time = ManualClock(ui.phone.clock.now())
    office.clock = true_time
    ui.phone.clock._now -= timedelta(minutes=10)
    ui.later(0.3)
    true_time.advance(0.3)

    read(ui, office)


def test_what_is_booked_next_stands_under_the_code_also_offline(
    enrolled: Phone, office: CardOffice
) -> None:
    desk, now = office.booking, enrolled.clock.now()
    desk.venues = [venue(7, "赣州市博物馆")]
    for hours in (2, 30):
        desk.add_booking(desk.add_slot(f"slot_{hours}", now + timedelta(hours=hours)))
    with running(enrolled) as ui:
        ui.wait(lambda: ui.shows("赣州市博物馆"))
        assert ui.shows("今天 11月22日 周日 16:30–17:30")
        assert not ui.shows("11月23日"), "another day waits until this one is over"
        ui.tap("赣州市博物馆")
        assert ui.app.models.place.name == "bookings"

    enrolled.online = False
    enrolled.clock.advance(3 * 3600)
    with running(enrolled) as ui:
        assert ui.code() is not None
        ui.wait(lambda: ui.shows("明天 11月23日"))
        assert ui.shows("今天 14:30"), "how old it is"


def test_today_shows_the_visit_within_two_seconds(ui: UI, office: CardOffice) -> None:
    assert ui.shows("今天还没有到访")
    ui.wait(lambda: "Home" in office.asked)
    office.add_visit("赣州市图书馆")
    ui.later(2)
    ui.wait(lambda: ui.shows("赣州市图书馆"), seconds=1)

    assert ui.shows("已进入")


def test_a_visit_of_yesterday_is_not_shown_as_news(ui: UI, office: CardOffice) -> None:
    office.add_visit("赣州市图书馆")
    ui.wait(lambda: ui.shows("赣州市图书馆"))
    ui.phone.clock.advance(24 * 3600)
    ui.later(1)
    assert not ui.shows("赣州市图书馆"), "the timeline has it"


def test_looking_costs_one_visit_and_no_bookings_until_something_is_new(
    ui: UI, office: CardOffice
) -> None:
    def whole() -> int:
        return sum(wish.get("bookings", False) for wish in office.wishes)

    ui.wait(lambda: office.asked.count("Home") >= 4)
    assert whole() == 1
    assert {"first": 1, "bookings": False, "subsidies": False} in office.wishes

    office.add_visit("赣州市图书馆")
    ui.wait(lambda: ui.shows("赣州市图书馆"))
    assert whole() == 2
    ui.later(61, step=1)
    ui.wait(lambda: whole() == 3)
