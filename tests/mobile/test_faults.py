"""What can go wrong around the app: names, long lists, a week without network, a full store."""

from datetime import timedelta
from pathlib import Path

from kivy.core.text import LabelBase
from PIL import ImageFont

from mobile.core.pending import PendingAct
from mobile.core.trouble import UNREACHABLE
from mobile.ports.secret_box.box import SecretBox
from mobile.ports.secret_box.desktop import KeyFileCipher
from mobile.services.wallet import WalletStore
from shared.ecode.verify import PresentationContext, VerifiedCode
from tests.mobile.booking_desk import venue
from tests.mobile.card_office import CODE, CardOffice
from tests.support.ui import UI, Phone, running

RARE = "龘靐齉爩鱻麤龗灪吁犇骉羴猋焱垚淼晶磊鑫嚞"
REGULAR = Path("mobile/assets/fonts/NotoSansSC-Regular.ttf")


def test_a_name_of_twenty_rare_characters_has_a_glyph_for_each(
    enrolled: Phone, office: CardOffice
) -> None:
    font = ImageFont.truetype(str(REGULAR), 40)
    missing = bytes(font.getmask("\U0010fffe"))
    drawn = {sign: bytes(font.getmask(sign)) for sign in RARE}
    assert [sign for sign, mask in drawn.items() if mask == missing] == []
    assert len(set(drawn.values())) == len(RARE) == 20

    office.name = RARE
    with running(enrolled) as ui:
        ui.wait(lambda: ui.shows(RARE))
        [label] = [one for one in ui.widgets() if getattr(one, "text", "") == RARE]
        assert LabelBase._fonts["Roboto"][0] == str(REGULAR.resolve())
        assert not label.bold, "the bold weight has no rare characters"
        assert label.texture_size[0] <= ui.app.root.width


def test_five_hundred_bookings_are_read_and_can_be_left_again(ui: UI, office: CardOffice) -> None:
    desk, now = office.booking, office.clock.now()
    desk.venues = [venue(7, "赣州市博物馆")]
    for number in range(500):
        desk.add_booking(desk.add_slot(f"slot_{number}", now + timedelta(hours=2 + number)))
    ui.go("bookings")
    ui.wait(lambda: ui.shows("赣州市博物馆"))

    assert len(ui.app.models.bookings.state.coming) == 50, "as many as one page has"
    ui.go("code")
    assert ui.code() is not None


def test_a_week_without_network_shows_a_code_as_long_as_its_certificate_lives(
    phone: Phone, office: CardOffice
) -> None:
    office.lifetime_hours = 8 * 24
    with running(phone, enrolment_code=CODE) as ui:
        ui.wait(lambda: ui.shows("钟*明"))
    phone.online = False
    trusted = office.verifier()
    phone.clock.advance(7 * 24 * 3600)
    with running(phone) as ui:
        digits = ui.code()
        assert digits is not None
        seen = trusted.verify(digits, phone.clock.now(), PresentationContext(venue=1))
        assert isinstance(seen, VerifiedCode)
        phone.clock.advance(26 * 3600)
        ui.later(0.5)
        assert ui.code() is None
        assert ui.shows("请连上网络")


def test_a_damaged_card_loses_no_readable_act(enrolled: Phone, office: CardOffice) -> None:
    """What waits for an answer lies in an entry of its own, and outlives enrolling again."""
    box = SecretBox(enrolled.folder, KeyFileCipher(enrolled.folder / "box.key"))
    act = PendingAct("BookPlace", {"slot": "s"}, "act_0123456789", enrolled.clock.now())
    WalletStore(box).save_pending_acts((act,))
    (enrolled.folder / "wallet.sealed").write_bytes(b"damaged")
    office.codes.add(CODE)

    with running(enrolled, enrolment_code=CODE) as ui:
        ui.wait(lambda: ui.shows("钟*明"))
        assert ui.app._services.bookings.unanswered == act
    fresh = SecretBox(enrolled.folder, KeyFileCipher(enrolled.folder / "box.key"))
    assert WalletStore(fresh).pending_acts() == (act,)


def test_an_act_outlives_a_damaged_card_and_a_wrong_code_on_the_way_back(
    enrolled: Phone, office: CardOffice
) -> None:
    """Whatever goes wrong while enrolling again tells every listener that there is no card."""
    box = SecretBox(enrolled.folder, KeyFileCipher(enrolled.folder / "box.key"))
    act = PendingAct("BookPlace", {"slot": "s"}, "act_0123456789", enrolled.clock.now())
    WalletStore(box).save_pending_acts((act,))
    (enrolled.folder / "wallet.sealed").write_bytes(b"damaged")
    office.codes.add(CODE)

    with running(enrolled) as ui:
        assert ui.shows("手机里保存的卡打不开了")
        for digit in "0000000000":
            ui.press(ord(digit))
        ui.tap("绑定")
        ui.wait(lambda: ui.shows("激活码不对"))
        ui.run(_tell(ui))
        assert WalletStore(box).pending_acts() == (act,)
        ui.tap("清空")
        for digit in CODE:
            ui.press(ord(digit))
        ui.tap("绑定")
        ui.wait(lambda: ui.shows("钟*明"))
        assert ui.app._services.bookings.unanswered == act
        ui.run(_remove(ui))
        assert WalletStore(box).pending_acts() == (), "a card that is removed takes its acts along"


async def _tell(ui: UI) -> None:
    ui.app._services.session.lost(UNREACHABLE)


async def _remove(ui: UI) -> None:
    ui.app.models.me.forget()
