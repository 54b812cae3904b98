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
from typing_extensions import override

from mobile.core.account import SentCode, Tokens
from mobile.core.bound_phone import BoundPhone, PhoneState
from mobile.core.card import Card, CardState, IssuedCertificate
from mobile.core.data_use import DataUse
from mobile.core.preferences import Preferences
from mobile.core.trouble import UNREACHABLE, Trouble
from mobile.core.visits import Visit
from mobile.ports.screen.desktop import DesktopScreen
from mobile.ports.secret_box.box import SecretBox
from mobile.ports.secret_box.desktop import KeyFileCipher
from mobile.ports.speech.desktop import DesktopSpeech
from mobile.services.account import Account
from mobile.services.backend import Backend
from mobile.services.bound_phones import BoundPhones
from mobile.services.city_time import CityTime
from mobile.services.data_uses import DataUses
from mobile.services.session import Session
from mobile.services.transport import NoAnswer, Transport
from mobile.services.wallet import Wallet, WalletStore
from mobile.ui.picture import read_window
from mobile.ui.shell import Shell
from mobile.viewmodels.code import CodeModel
from mobile.viewmodels.data_use import DataUseModel
from mobile.viewmodels.devices import DevicesModel
from mobile.viewmodels.enrol import EnrolModel
from mobile.viewmodels.help import HelpModel
from mobile.viewmodels.me import MeModel
from mobile.viewmodels.models import Models
from mobile.viewmodels.notices import notice_of
from mobile.viewmodels.place import PlaceModel
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.reading import Reading
from mobile.viewmodels.sign_in import SignInModel, Step
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
_LOCKED = Trouble(
    "sign_in_locked",
    LocalizedText("输错次数过多，已暂时锁定。", "There were too many wrong tries."),
    LocalizedText("请在14:45后再试。", "Try again after 14:45 (Beijing time)."),
)
_SESSION_ENDED = Trouble(
    "session_ended",
    LocalizedText("登录已结束。", "This sign-in has ended."),
    LocalizedText("请重新登录。", "Sign in again."),
)
_TOKENS = Tokens("ses_1", "", _NOW + timedelta(days=1), "")
_CSS = """body{font:15px/1.5 system-ui,sans-serif;margin:2rem;background:#e9eeec;color:#14211f}
h2{margin:2rem 0 .5rem}div{display:flex;flex-wrap:wrap;gap:1rem}
figure{margin:0}img{width:206px;border-radius:12px;border:1px solid #788986}"""


class _StillReading(Reading):
    """Reads nothing: the scene says what was read."""

    @override
    def start(self) -> None:
        """Leave what the scene says."""


async def _read_nothing() -> None:
    return None


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
        backend = Backend("http://nowhere", self.time, _no_network)
        self.account = Account(backend, self.session, store, self.time, "Pixel 9")
        self.models = Models(
            preferences=self.preferences,
            place=PlaceModel(self.session, self.account, self.preferences),
            enrol=EnrolModel(_refuse, self.preferences),
            sign_in=SignInModel(self.account, self.time, self.preferences),
            code=CodeModel(self.session, self.time, self.preferences),
            wallet=WalletModel(self.session, self.time, self.preferences, lambda: None),
            me=MeModel(self.session, self.account, self.preferences, "Pixel 9"),
            devices=DevicesModel(
                BoundPhones(self.account), self.account, self.time, self.preferences
            ),
            data_use=DataUseModel(
                DataUses(self.account), self.account, self.time, self.preferences
            ),
            help=HelpModel(self.preferences),
        )

        still = _StillReading(_read_nothing, self.time, lambda: None)
        self.models.devices._reading = still
        self.models.data_use._newest = still

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

    def signing_in(self, step: Step, trouble: Trouble | None = None) -> Callable[[], None]:
        """Return what shows a step of the sign-in, in the middle of typing."""

        def show() -> None:
            self._show(self.wallet, "sign_in")
            model = self.models.sign_in
            model._sent = SentCode(_NOW + timedelta(minutes=5), _NOW + timedelta(seconds=42))
            model._typed = {Step.PHONE: "13800138000", Step.CODE: "246", Step.NUMBER: "3607021990"}
            model._step, model._problem = step, None
            model.password = "correct horse" if step is Step.PASSWORD else ""
            if trouble is not None:
                model._fail(trouble)
            model.tick()

        return show

    def session_ended(self) -> None:
        self.signing_in(Step.PHONE)()
        self.account.ended = _SESSION_ENDED
        self.models.sign_in.tick()

    def signed_in(self) -> None:
        self._show(self.wallet, "me")
        self.account._accept(_TOKENS)

    def devices(self, asking: int | None = None, trouble: Trouble | None = None) -> None:
        self._show(self.wallet, "code")
        self.account._accept(_TOKENS)
        model = self.models.devices
        model._known, model._asking, model._trouble = _PHONES, asking, trouble
        model._reading.seen_at = _NOW
        self.models.place.go("devices")
        model._trouble = trouble
        model.tick()

    def data_use(self, uses: tuple[DataUse, ...] | None, trouble: Trouble | None = None) -> None:
        self._show(self.wallet, "code")
        self.account._accept(_TOKENS)
        model = self.models.data_use
        model._known, model._next = uses, "next" if uses else None
        model._newest.seen_at = _NOW if uses is not None else None
        model._newest.trouble = trouble
        self.models.place.go("data_use")

    def data_used(self) -> None:
        self.data_use(_USES)

    def data_unused(self) -> None:
        self.data_use(())

    def data_use_offline(self) -> None:
        self.data_use(None, UNREACHABLE)

    def devices_offline(self) -> None:
        self.devices(trouble=UNREACHABLE)

    def devices_asking(self) -> None:
        self.devices(asking=2)

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
        for step in Step:
            yield f"sign-in-{step}", self.signing_in(step)
        yield "sign-in-locked", self.signing_in(Step.PASSWORD, _LOCKED)
        yield "sign-in-ended", self.session_ended
        yield "me-signed-in", self.signed_in
        yield "devices", self.devices
        yield "devices-unbinding", self.devices_asking
        yield "devices-offline", self.devices_offline
        yield "data-use", self.data_used
        yield "data-use-empty", self.data_unused
        yield "data-use-offline", self.data_use_offline

    @property
    def _key(self) -> PublicKey:
        return self.wallet.certificate.certificate.claims.device_key

    def _show(self, wallet: Wallet, name: str) -> None:
        self.session.key = self._device_key
        self.session.keep(wallet)
        self.models.me.keep()
        self._sign_out()
        self.models.place.go(name)

    def _sign_out(self) -> None:
        self.account._tokens = self.account.ended = None
        self.account._tell()


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


_PHONES = (
    BoundPhone(
        2,
        "Pixel 9",
        PhoneState.BOUND,
        _NOW - timedelta(days=40),
        _NOW + timedelta(hours=45),
        None,
        is_this=True,
    ),
    BoundPhone(
        1,
        "HUAWEI Mate 60",
        PhoneState.BOUND,
        _NOW - timedelta(days=300),
        _NOW + timedelta(hours=20),
        None,
        is_this=False,
    ),
    BoundPhone(
        0,
        "Redmi Note 8",
        PhoneState.UNBOUND,
        _NOW - timedelta(days=900),
        _NOW - timedelta(days=298),
        _NOW - timedelta(days=300),
        is_this=False,
    ),
)

_USES = (
    DataUse(
        "4",
        _NOW - timedelta(minutes=4),
        LocalizedText("验证二维码，准予进入", "Checked the code and admitted"),
        LocalizedText("中央红军长征出发地纪念园", "Long March Departure Memorial Park"),
        "reader",
        done=True,
    ),
    DataUse(
        "3",
        _NOW - timedelta(hours=5),
        LocalizedText("查看完整的身份证号码", "Looked at the full identity number"),
        LocalizedText("章贡区社会保障卡服务中心", "Zhanggong District Card Service Centre"),
        "counter",
        done=False,
    ),
    DataUse(
        "2",
        _NOW - timedelta(days=1, hours=2),
        LocalizedText("查看姓名和卡状态", "Looked at the name and the card's state"),
        LocalizedText("章贡区社会保障卡服务中心", "Zhanggong District Card Service Centre"),
        "counter",
        done=True,
    ),
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


async def _no_network() -> Transport:
    raise NoAnswer("the gallery asks nobody")
