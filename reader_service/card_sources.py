"""Physical cards over PC/SC: two of the three adapters behind `CardSource`.

`ReadOnlySource` reads and proves nothing; `PsamSource` has a card prove itself to a PSAM in a
second reader slot. `driver_source` has the third, the reader maker's driver. Each answer carries
how far the card was proven, and the venue's rule decides what that is worth.
"""

import contextlib
from collections.abc import Iterable

from typing_extensions import override

from reader_service.card_authentication import (
    AuthenticationKey,
    CardAuthenticator,
    Diversifier,
)
from reader_service.card_reading import (
    Authentication,
    CardSource,
    ReadCard,
    RefusedCard,
    Wanted,
    read_card,
    refused_by,
)
from reader_service.device_settings import IssuerKey, PsamCards
from reader_service.devices.card_channel import CardError
from reader_service.devices.pcsc import CardReader, PcscCard
from reader_service.devices.psam import PsamSlot
from reader_service.devices.security_module import SecurityModuleLost
from reader_service.settings import LaneSettings
from shared.cardfile.psam import PsamKey
from shared.ecode.reasons import Reason


class ReadOnlySource:
    """Reads over PC/SC; no card is proven."""

    def __init__(self, reader: str) -> None:
        self._reader = CardReader(reader)
        self._held = contextlib.ExitStack()
        self.slot: str | None = None

    def read(self, wanted: Wanted = Wanted.NOTHING_MORE) -> ReadCard | RefusedCard:
        """Read the card that lies there now, and hold it until `release`."""
        self.release()
        try:
            card = self._held.enter_context(self._reader.open_card())
            return read_card(card.transmit, wanted, self._authentication(card))
        except CardError as error:
            return refused_by(error)

    def release(self) -> None:
        """Power the card off: after the answer, which does not wait for it."""
        self._held.close()

    def fault(self) -> Reason | None:
        """Need nothing beside the reader."""
        return None

    def close(self) -> None:
        """Let go of the card and of the reader."""
        self.release()
        self._reader.close()

    def _authentication(self, card: PcscCard) -> Authentication | None:
        del card
        return None


class PsamSource(ReadOnlySource):
    """Reads over PC/SC and has each card prove itself to a PSAM.

    Without the PSAM cards are still read, unproven, and the lane says so.
    """

    def __init__(self, reader: str, slot: PsamSlot, authenticator: CardAuthenticator) -> None:
        super().__init__(reader)
        self._slot = slot
        self.slot = slot.name
        self._authenticator = authenticator

    @override
    def fault(self) -> Reason | None:
        """Reach the PSAM."""
        try:
            self._slot.check()
        except SecurityModuleLost:
            return Reason.SECURITY_MODULE_LOST
        return None

    @override
    def close(self) -> None:
        """Let go of the reader and of the slot; another lane's next card opens that again."""
        super().close()
        self._slot.close()

    @override
    def _authentication(self, card: PcscCard) -> Authentication | None:
        return Authentication(self._authenticator, card.atr())


def open_sources(lanes: Iterable[LaneSettings]) -> dict[str, CardSource]:
    """Return the source of each PC/SC reader that a lane names; nothing is connected yet."""
    slots: dict[str, PsamSlot] = {}
    sources: dict[str, CardSource] = {}
    for lane in lanes:
        if lane.card_reader is None:
            continue
        if isinstance(lane.cards, PsamCards):
            slot = slots.setdefault(lane.cards.slot, PsamSlot(lane.cards.slot))
            authenticator = _authenticator(slot, lane.cards)
            sources[lane.card_reader] = PsamSource(lane.card_reader, slot, authenticator)
        else:
            sources[lane.card_reader] = ReadOnlySource(lane.card_reader)
    return sources


def _authenticator(slot: PsamSlot, settings: PsamCards) -> CardAuthenticator:
    external = None if settings.external is None else _key(settings.external)
    diversifier = Diversifier(settings.diversifier)
    return CardAuthenticator(slot, _key(settings.internal), external, diversifier)


def _key(told: IssuerKey) -> AuthenticationKey:
    return AuthenticationKey(told.card_key, PsamKey(told.usage, told.key))
