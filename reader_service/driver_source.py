"""Cards read by the reader maker's driver, as a `CardSource` like those over PC/SC."""

import logging

from reader_service.card_authentication import CardProof
from reader_service.card_reading import ReadCard, RefusedCard, Wanted
from reader_service.device_settings import DriverCards
from reader_service.devices.card_driver import (
    DriverFault,
    DriverOutput,
    MalformedOutput,
    Side,
    fault_of,
)
from reader_service.devices.card_driver_process import DriverLost, DriverProcess
from shared.cardfile.identification_code import parse_identification_code
from shared.cardfile.records import parse_version
from shared.ecode.reasons import Reason

_log = logging.getLogger(__name__)
_SIDES = {
    "contact": Side.CONTACT,
    "contactless": Side.CONTACTLESS,
    "contact-first": Side.CONTACT_FIRST,
    "contactless-first": Side.CONTACTLESS_FIRST,
}


class DriverSource:
    """One driver in a process of its own; the driver opens and closes the card at each call."""

    def __init__(self, settings: DriverCards) -> None:
        side = _SIDES[settings.contact]
        self._process = DriverProcess(settings.library, side, settings.answer_seconds)
        self._fault: Reason | None = None

    slot = None

    @property
    def process_id(self) -> int | None:
        """The driver's process, None while there is none."""
        return self._process.process_id

    def read(self, wanted: Wanted = Wanted.NOTHING_MORE) -> ReadCard | RefusedCard:
        """Read the card that lies there; nothing of the holder is asked for, whatever is wanted."""
        del wanted
        try:
            answer = self._process.read()
        except DriverLost as error:
            self._fault = Reason.READER_SERVICE_DOWN
            return RefusedCard(Reason.READER_SERVICE_DOWN, f"card driver: {error}")
        except MalformedOutput as error:
            self._fault = None
            return RefusedCard(Reason.CARD_UNREADABLE, f"card driver: {error}")
        if isinstance(answer, DriverOutput):
            self._fault = None
            return _card(answer)
        return self._refused(answer, fault_of(answer))

    def release(self) -> None:
        """Hold nothing: the driver lets go of the card before it answers."""

    def fault(self) -> Reason | None:
        """Return what the last call found broken; a card alone can tell."""
        return self._fault

    def close(self) -> None:
        """End the driver's process."""
        self._process.close()

    def _refused(self, number: int, fault: DriverFault) -> RefusedCard:
        broken = {Reason.READER_SERVICE_DOWN, Reason.SECURITY_MODULE_LOST}
        self._fault = fault.reason if fault.reason in broken else None
        cause = f"card driver {number}: {fault.text.en}"
        return RefusedCard(fault.reason or Reason.CARD_REMOVED, cause)


def _card(read: DriverOutput) -> ReadCard | RefusedCard:
    version = parse_version(read.version)
    if version is None:
        cause = "a version other than 1.00, 2.00 and 3.00"
        return RefusedCard(Reason.UNKNOWN_CARD_TYPE, cause)
    try:
        code = parse_identification_code(read.identification_code)
    except ValueError as error:
        return RefusedCard(Reason.CARD_UNREADABLE, str(error))
    proof = CardProof.DRIVER if read.proven else CardProof.NONE
    terminal = read.terminal_number if read.proven else None
    return ReadCard(code, version, read.expires_on, proof=proof, terminal_number=terminal)
