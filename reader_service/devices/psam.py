"""A PSAM 终端安全模块 in a reader slot of its own: it computes, its keys never leave it."""

import contextlib
import threading
from collections.abc import Callable

from reader_service.devices.card_channel import CardError, CardMute
from reader_service.devices.pcsc import CardReader, PcscCard
from reader_service.devices.security_module import SecurityModuleLost
from shared.cardfile.commands import (
    MalformedResponse,
    parse_response,
    select_application,
    status_meaning,
)
from shared.cardfile.psam import (
    BLOCK,
    READ_TERMINAL_NUMBER,
    SOCIAL_SECURITY_KEYS,
    PsamKey,
    derive_process_key,
    encipher,
)


class PsamSlot:
    """The PSAM in one reader slot, for all lanes of the process.

    It stays powered from tap to tap: it is the terminal's own chip and no visitor's. After an
    error it is opened anew, once at each use.
    """

    def __init__(self, slot: str) -> None:
        """Prepare without connecting; `slot` is a reader's name as `CardReader` takes it."""
        self.name = slot
        self._reader = CardReader(slot)
        self._lock = threading.Lock()
        self._open = contextlib.ExitStack()
        self._card: PcscCard | None = None
        self.number: str | None = None

    def check(self) -> None:
        """Reach the module.

        Raises:
            SecurityModuleLost: it is not there, or is no PSAM of the social security card.
        """
        with self._lock:
            self._attempt(self._reach)

    def cryptogram(self, key: PsamKey, diversifiers: bytes, factor: bytes, data: bytes) -> bytes:
        """Encipher `data`, 8 bytes, under the process key; see `SecurityModule`."""

        def compute(card: PcscCard) -> bytes:
            _told(card, derive_process_key(key, diversifiers, factor))
            return _told(card, encipher(data))

        with self._lock:
            made = self._attempt(compute)
        if len(made) != BLOCK:
            raise SecurityModuleLost(f"the PSAM answered {len(made)} bytes, not {BLOCK}")
        return made

    def close(self) -> None:
        """Power the module off and let go of the service."""
        with self._lock:
            self._let_go()
            self._reader.close()

    def _attempt(self, use: Callable[[PcscCard], bytes]) -> bytes:
        try:
            try:
                return use(self._opened())
            except CardMute:
                raise  # a second silence would only hold up the lane
            except CardError:  # pcscd was restarted, or the module was put in anew
                self._let_go()
                return use(self._opened())
        except (CardError, MalformedResponse) as error:
            self._let_go()
            raise SecurityModuleLost(str(error)) from error
        except SecurityModuleLost:
            self._let_go()
            raise

    def _reach(self, card: PcscCard) -> bytes:
        return _told(card, select_application(SOCIAL_SECURITY_KEYS))

    def _opened(self) -> PcscCard:
        if self._card is None:
            card = self._open.enter_context(self._reader.open_card())
            told = parse_response(card.transmit(READ_TERMINAL_NUMBER))
            self.number = told.data.hex().upper() if told.succeeded and told.data else None
            self._reach(card)
            self._card = card
        return self._card

    def _let_go(self) -> None:
        self._card = None
        self._open.close()


def _told(card: PcscCard, command: bytes) -> bytes:
    response = parse_response(card.transmit(command))
    if not response.succeeded:
        raise SecurityModuleLost(f"{command[:2].hex().upper()}: {status_meaning(response.status)}")
    return response.data
