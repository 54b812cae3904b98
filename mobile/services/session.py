"""The one holder of what the app knows now; screens listen to it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mobile.core.card import IssuedCertificate
from mobile.core.presentation import CodePresenter, PresentedCode
from mobile.core.trouble import STORAGE_DAMAGED, Trouble, not_removed, storage_unwritable
from mobile.ports.secret_box.box import BoxDamaged, BoxUnwritable
from mobile.services.city_time import CityTime
from mobile.services.wallet import Wallet, WalletStore
from shared.ecode.algorithms import SoftwareKey

_RESAVE_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Link:
    """How the last talk with the server went: `trouble` since `since`, or none."""

    trouble: Trouble | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody whose card this phone shows for them 代办: `wallet` None where it has no code."""

    name: str
    wallet: Wallet | None
    refusal: Trouble | None = None


class Session:
    """Wallet, device key and the state of the link, in memory and in the store."""

    def __init__(self, store: WalletStore, time: CityTime) -> None:
        self._store = store
        self._time = time
        self._listeners: list[Callable[[], None]] = []
        self._presenter: CodePresenter | None = None
        self.wallet: Wallet | None = None
        self.key: SoftwareKey | None = None
        self.link = Link()
        self.refusal: Trouble | None = None
        self.renewal_refusal: Trouble | None = None
        self._saved: Wallet | None = None
        self.storage_trouble: Trouble | None = None
        self.shown: Shown | None = None
        self._shown_presenter: CodePresenter | None = None

    def open(self) -> None:
        """Load what is kept on the phone; what cannot be opened becomes `storage_trouble`."""
        try:
            self.wallet, self.key = self._store.load(), self._store.device_key()
            damaged = self.wallet is not None and self.key is None
        except BoxDamaged:
            damaged = True
        if damaged:
            self.storage_trouble = STORAGE_DAMAGED
            self.wallet = self.key = None
        if self.wallet is not None:
            self._time.resume(self.wallet.offset)
        self._renew_presenter()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each change."""
        self._listeners.append(listener)

    def code_at(self, now: datetime, challenge: bytes | None = None) -> PresentedCode | None:
        """Return the code to show, answering a venue's `challenge`; None without a certificate."""
        presenter = self._presenter if self.shown is None else self._shown_presenter
        return presenter.at(now, challenge) if presenter else None

    @property
    def front(self) -> Wallet | None:
        """The card in front: the own one, or that of whom this phone acts for."""
        return self.wallet if self.shown is None else self.shown.wallet

    @property
    def front_refusal(self) -> Trouble | None:
        """Why the server no longer lets this phone show the card in front."""
        return self.refusal if self.shown is None else self.shown.refusal

    def show_for_another(self, shown: Shown | None) -> None:
        """Show somebody else's card in place of the own one, or the own one again."""
        if shown == self.shown:
            return
        before = self.shown.wallet if self.shown else None
        self.shown = shown
        wallet = shown.wallet if shown else None
        if wallet is None or self.key is None:
            self._shown_presenter = None
        elif before is None or before.certificate != wallet.certificate:
            self._shown_presenter = CodePresenter(wallet.certificate.certificate, self.key)
        self._tell()

    def device_key(self) -> SoftwareKey | Trouble:
        """Return the device's key, made and stored first if need be."""
        if self.key is None:
            try:
                if self.storage_trouble is STORAGE_DAMAGED:
                    self._store.start_anew(self._store.preferences())
                self.key = self._store.make_device_key()
            except BoxUnwritable as error:
                return storage_unwritable(error.reason)
        return self.key

    def keep(self, wallet: Wallet) -> None:
        """Take a wallet just received; a store that fails is told, the wallet is used anyway."""
        certificate = wallet.certificate.certificate
        fresh = self.wallet is None or self.wallet.certificate.certificate != certificate
        self.wallet = replace(wallet, offset=self._time.offset)
        if fresh:
            self._renew_presenter()
        self.link, self.refusal, self.storage_trouble = Link(), None, None
        if self._worth_saving(self.wallet):
            self._save(self.wallet)
        self._tell()

    def keep_certificate(self, certificate: IssuedCertificate) -> None:
        """Take a renewed certificate."""
        if self.wallet is not None:
            self.renewal_refusal = None
            self.keep(replace(self.wallet, certificate=certificate))

    def refuse(self, refusal: Trouble) -> None:
        """Note that the server no longer lets this phone speak for the card, and why."""
        self.link, self.refusal = Link(), refusal
        self._tell()

    def refuse_renewal(self, refusal: Trouble) -> None:
        """Note why there is no newer certificate; the present one still holds to its end."""
        self.link, self.renewal_refusal = Link(), refusal
        self._tell()

    def lost(self, trouble: Trouble) -> None:
        """Note that the server could not be asked; the first time of a row counts as `since`."""
        since = self.link.since if self.link.trouble else self._time.now()
        self.link = Link(trouble, since)
        self._tell()

    def cannot_store(self, reason: str) -> None:
        """Note that something was not stored; a card that cannot be opened is graver."""
        if self.storage_trouble is not STORAGE_DAMAGED:
            self.storage_trouble = storage_unwritable(reason)
            self._tell()

    def forget(self) -> Trouble | None:
        """Remove card and key from this phone; what cannot be removed is still shown, and why."""
        try:
            self._store.forget()
        except BoxUnwritable as error:
            self.storage_trouble = not_removed(error.reason)
            self._tell()
            return self.storage_trouble
        self.wallet = self._saved = self.key = self._presenter = None
        self.link, self.refusal, self.renewal_refusal = Link(), None, None
        self.storage_trouble = None
        self._tell()
        return None

    def _worth_saving(self, wallet: Wallet) -> bool:
        """Tell news from an answer that only says that nothing changed."""
        saved = self._saved
        if saved is None or wallet.seen_at - saved.seen_at >= _RESAVE_AFTER:
            return True
        return wallet != replace(saved, seen_at=wallet.seen_at, offset=wallet.offset)

    def _save(self, wallet: Wallet) -> None:
        try:
            self._store.save(wallet)
            self._saved = wallet
        except BoxUnwritable as error:
            self.storage_trouble = storage_unwritable(error.reason)

    def _renew_presenter(self) -> None:
        self._presenter = None
        if self.wallet is not None and self.key is not None:
            self._presenter = CodePresenter(self.wallet.certificate.certificate, self.key)

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
