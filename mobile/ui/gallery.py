"""Every screen in every look, drawn into a folder, for people to look at.

The models are the app's own on a made-up card and a clock that stands still; nothing is asked of a
server.
"""

import html
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from kivy.animation import Animation
from kivy.base import EventLoop, runTouchApp, stopTouchApp
from kivy.uix.scrollview import ScrollView

from mobile.core.card import Card, CardState, IssuedCertificate
from mobile.core.preferences import Preferences
from mobile.core.trouble import UNREACHABLE, Trouble
from mobile.core.visits import Visit
from mobile.ports.screen.desktop import DesktopScreen
from mobile.ports.secret_box.box import SecretBox
from mobile.ports.secret_box.desktop import KeyFileCipher
from mobile.ports.speech.desktop import DesktopSpeech
from mobile.services.city_time import CityTime
from mobile.services.session import Session
from mobile.services.wallet import Wallet, WalletStore
from mobile.ui.picture import read_window
from mobile.ui.shell import Shell
from mobile.viewmodels.code import CodeModel
from mobile.viewmodels.enrol import EnrolModel
from mobile.viewmodels.help import HelpModel
from mobile.viewmodels.me import MeModel
from mobile.viewmodels.models import Models
from mobile.viewmodels.notices import notice_of
from mobile.viewmodels.place import PlaceModel
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.wallet import WalletModel
from shared.clock import ManualClock
from shared.ecode.algorithms import Algorithm, PublicKey, SoftwareKey
from shared.ecode.certificate import (
    AgeBand,
    CertificateClaims,
    ConcessionLevel,
    issue_certificate,
)
from shared.localized_text import LocalizedText

_NOW = datetime(2026, 11, 22, 6, 30, 7, tzinfo=UTC)
_GANZHOU = 360700
_WRONG_CODE = Trouble(
    "enrolment_code_wrong",
    LocalizedText("激活码不对或已过期", "The activation code is wrong or has expired"),
    LocalizedText(
        "请核对 10 位数字；仍不行就重新领取", "Check the 10 digits, or ask for a new code"
    ),
)
_CSS = """body{font:15px/1.5 system-ui,sans-serif;margin:2rem;background:#e9eeec;color:#14211f}
h2{margin:2rem 0 .5rem}div{display:flex;flex-wrap:wrap;gap:1rem}
figure{margin:0}img{width:206px;border-radius:12px;border:1px solid #788986}"""


class _Scene:
    """The app on a made-up card."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(_NOW)
        self.time = CityTime(self.clock)
        store = WalletStore(SecretBox(folder, KeyFileCipher(folder / "box.key")))
        self.session = Session(store, self.time)
        key = self.session.device_key()
        if isinstance(key, Trouble):
            raise OSError(key.text.en)
        self._device_key = key
        self.wallet = _wallet(key.public)
        self.preferences = PreferencesModel(Preferences(), lambda _: None)
        self.models = Models(
            preferences=self.preferences,
            place=PlaceModel(self.session, self.preferences),
            enrol=EnrolModel(_refuse, self.preferences),
            code=CodeModel(self.session, self.time, self.preferences),
            wallet=WalletModel(self.session, self.time, self.preferences, lambda: None),
            me=MeModel(self.session, self.preferences, "Pixel 9"),
            help=HelpModel(self.preferences),
        )

    def first_start(self) -> None:
        self.session.forget()
        self.models.enrol.clear()

    def wrong_code(self) -> None:
        self.first_start()
        model = self.models.enrol
        model.fill("3141592653")
        notice = notice_of(_WRONG_CODE, self.preferences.language)
        model.state = replace(model.state, problem=notice)

    def with_card(self, name: str) -> Callable[[], None]:
        return lambda: self._show(self.wallet, name)

    def without_visits(self) -> None:
        self._show(replace(self.wallet, visits=()), "wallet")

    def offline(self) -> None:
        self._show(self.wallet, "code")
        self.session.lost(UNREACHABLE)

    def suspended(self) -> None:
        card = replace(self.wallet.card, state=CardState.SUSPENDED)
        self._show(replace(self.wallet, card=card), "code")

    def ending(self) -> None:
        self._show(replace(self.wallet, certificate=_certificate(self._key, 44)), "code")
        self.session.lost(UNREACHABLE)

    def ended(self) -> None:
        self._show(replace(self.wallet, certificate=_certificate(self._key, 49)), "code")

    def removing(self) -> None:
        self._show(self.wallet, "me")
        self.models.me.ask_forget()

    def scenes(self) -> Iterator[tuple[str, Callable[[], None]]]:
        yield "enrol", self.first_start
        yield "enrol-wrong", self.wrong_code
        if self.preferences.value.elder:
            yield "home", self.with_card("home")
        for name in ("code", "wallet", "me", "help"):
            yield name, self.with_card(name)
        yield "code-offline", self.offline
        yield "code-ending", self.ending
        yield "code-ended", self.ended
        yield "code-suspended", self.suspended
        yield "wallet-empty", self.without_visits
        yield "me-removing", self.removing

    @property
    def _key(self) -> PublicKey:
        return self.wallet.certificate.certificate.claims.device_key

    def _show(self, wallet: Wallet, name: str) -> None:
        self.session.key = self._device_key
        self.session.keep(wallet)
        self.models.me.keep()
        self.models.place.go(name)


def draw_gallery(folder: Path) -> None:
    """Draw every screen × {standard, elder} × {zh, en} × {light, contrast} into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    sections = []
    with TemporaryDirectory() as store:
        scene = _Scene(Path(store))
        app = Shell(scene.models, DesktopScreen(), DesktopSpeech())
        app._run_prepare()
        runTouchApp(embedded=True)
        for looks in _looks():
            scene.preferences.value = looks
            title = _title(looks)
            sections.append((title, list(_draw(scene, folder, title))))
        app.stop()
        stopTouchApp()
    (folder / "index.html").write_text(_index(sections), encoding="utf-8")


def _looks() -> Iterator[Preferences]:
    for elder, language, contrast in product((False, True), ("zh", "en"), (False, True)):
        yield Preferences("en" if language == "en" else "zh", elder, contrast)
    yield Preferences("zh", text_scale=2.0)
    yield Preferences("en", text_scale=2.0)


def _title(looks: Preferences) -> str:
    parts = ["elder" if looks.elder else "standard", looks.language]
    parts.append("contrast" if looks.contrast else "light")
    if looks.text_scale != 1.0:
        parts.append(f"{looks.text_scale:.0%}".rstrip("%") + "pc")
    return "-".join(parts)


def _draw(scene: _Scene, folder: Path, title: str) -> Iterator[str]:
    for name, prepare in scene.scenes():
        prepare()
        _frames()
        for part in _parts():
            picture = folder / f"{title}-{name}{part}.png"
            read_window().save(picture)
            yield picture.name


def _parts() -> Iterator[str]:
    """Bring each part of a page that is higher than the window into view."""
    page = EventLoop.window.children[0].page
    scrolls = [widget for widget in page.walk() if isinstance(widget, ScrollView)]
    for scroll in scrolls:
        scroll.scroll_y = 1
    _frames()
    yield ""
    for scroll in scrolls:
        if scroll.children[0].height > scroll.height + 1:
            scroll.scroll_y = 0
            _frames()
            yield "-end"
            scroll.scroll_y = 1


def _frames() -> None:
    """Draw until layout and the fade between screens have come to rest."""
    page = EventLoop.window.children[0].page
    Animation.cancel_all(page)
    page.opacity = 1
    for _ in range(6):
        EventLoop.idle()


def _index(sections: list[tuple[str, list[str]]]) -> str:
    body = "".join(
        f"<h2>{html.escape(title)}</h2><div>"
        + "".join(
            f'<figure><a href="{name}"><img loading="lazy" src="{name}"></a>'
            f"<figcaption>{name.removeprefix(title).strip('-')}</figcaption></figure>"
            for name in names
        )
        + "</div>"
        for title, names in sections
    )
    return f"<!doctype html><meta charset=utf-8><title>一卡通</title><style>{_CSS}</style>{body}"


def _wallet(device: PublicKey) -> Wallet:
    museum = LocalizedText("中央红军长征出发地纪念园", "Long March Departure Memorial Park")
    library = LocalizedText("赣州市图书馆", "Ganzhou City Library")
    lanes = [LocalizedText(f"{number} 号通道", f"Lane {number}") for number in (1, 2)]
    late = LocalizedText("动态码已过期", "The code was too old")
    return Wallet(
        card=Card("钟*明", "5341", LocalizedText("江西省赣州市", "Ganzhou"), CardState.ACTIVE),
        certificate=_certificate(device, 3),
        visits=(
            Visit("1", _NOW - timedelta(minutes=4), museum, lanes[0], True, "ADMITTED", None),
            Visit("2", _NOW - timedelta(minutes=5), museum, lanes[0], True, "REFUSED", late),
            Visit("3", _NOW - timedelta(days=1, hours=3), library, lanes[1], False, "LOOK", None),
            Visit("4", _NOW - timedelta(days=8), library, lanes[0], True, "ADMITTED", None),
        ),
        seen_at=_NOW - timedelta(seconds=20),
        offset=timedelta(0),
    )


def _certificate(device: PublicKey, hours_old: int) -> IssuedCertificate:
    start = _NOW.replace(minute=0, second=0) - timedelta(hours=hours_old)
    claims = CertificateClaims(
        region=_GANZHOU,
        issuer_key_id=1,
        card_index=1,
        device_serial=1,
        age_band=AgeBand.ADULT,
        concession=ConcessionLevel.NONE,
        represented=False,
        not_before=start,
        lifetime_hours=48,
        device_key=device,
    )
    issuer = SoftwareKey.generate(Algorithm.ED25519)
    return IssuedCertificate(issue_certificate(claims, issuer), start + timedelta(hours=24))


async def _refuse(_code: str) -> Trouble:
    return _WRONG_CODE
