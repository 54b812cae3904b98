"""The life of a key carrier 密钥载体 (PSAM, SAM, HSM) as a table, and who may do what (S16)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backend.foundation.access import Caller, Role
from backend.foundation.refusals import Refusal, refusal
from shared.identifiers import is_identifier
from shared.localized_text import LocalizedText

MAX_TEXT, MAX_TERMINALS, MAX_KEY_VERSION = 64, 200, 255
"""The version of a card's keys is one byte on the card."""

CARRIER_FORM = refusal(
    "key_carrier_form",
    (
        "序列号、存放地点、密钥版本或终端格式不对。",
        "The serial, place, key version or terminals have a wrong form.",
    ),
    (
        "序列号和地点各1至64个字，密钥版本1至255。",
        "Serial and place have 1 to 64 characters, the key version is 1 to 255.",
    ),
)
CARRIER_KNOWN = refusal(
    "key_carrier_known",
    ("这个序列号已经登记。", "A key carrier of this serial is registered already."),
    ("请核对序列号。", "Check the serial."),
)
CARRIER_UNKNOWN = refusal(
    "key_carrier_unknown",
    ("没有这个密钥载体。", "There is no such key carrier."),
    ("请核对编号。", "Check its id."),
)
TERMINALS_UNKNOWN = refusal(
    "key_carrier_terminals",
    ("安装须写明已注册的终端。", "Installing needs terminals that are enrolled."),
    ("请核对终端编号。", "Check the terminals' ids."),
)
NOT_IN_STOCK = refusal(
    "key_carrier_not_in_stock",
    ("这个密钥载体不在库中。", "This key carrier is not in stock."),
    ("请核对其状态。", "Check where it stands."),
)
NOT_ISSUED = refusal(
    "key_carrier_not_issued",
    ("这个密钥载体没有领出。", "This key carrier is not issued."),
    ("请先办理领出。", "Issue it first."),
)
NOT_INSTALLED = refusal(
    "key_carrier_not_installed",
    ("这个密钥载体没有安装在终端里。", "This key carrier is in no terminal."),
    ("请核对其状态。", "Check where it stands."),
)
INSTALLED_STILL = refusal(
    "key_carrier_installed",
    ("这个密钥载体还安装在终端里。", "This key carrier is still in a terminal."),
    ("请先拆下。", "Remove it first."),
)
CARRIER_LOST = refusal(
    "key_carrier_lost",
    ("这个密钥载体已报遗失。", "This key carrier was reported lost."),
    ("找回后只能销毁。", "If it is found it can only be destroyed."),
)
CARRIER_DESTROYED = refusal(
    "key_carrier_destroyed",
    ("这个密钥载体已销毁。", "This key carrier was destroyed."),
    ("不需要再办。", "Nothing more can be done with it."),
)
NOT_THE_CUSTODIAN = refusal(
    "not_the_custodian",
    ("这个密钥载体由他人保管。", "Somebody else keeps this key carrier."),
    ("请由保管人办理，或先交接。", "Have its custodian do it, or hand it over first."),
)
NOT_OFFERED = refusal(
    "key_carrier_not_offered",
    ("这个密钥载体没有移交给您。", "This key carrier was not offered to you."),
    ("请由现保管人先发起交接。", "Have its custodian offer it first."),
)
TERMINAL_NOT_BLOCKED = refusal(
    "terminal_not_blocked",
    ("这台终端没有停用。", "This terminal is not blocked."),
    ("请核对终端编号。", "Check the terminal's id."),
)


class CarrierKind(StrEnum):
    """What kind of carrier it is."""

    PSAM = "psam"  # 终端安全模块
    SAM = "sam"
    HSM = "hsm"  # 加密机


class CarrierState(StrEnum):
    """Where it stands; the last two are final but for destroying what was lost."""

    IN_STOCK = "in_stock"
    ISSUED = "issued"
    INSTALLED = "installed"
    LOST = "lost"
    DESTROYED = "destroyed"


class CarrierEvent(StrEnum):
    """What happens to it; a hand-over 交接 takes two, and leaves the state as it is."""

    REGISTER = "register"
    ISSUE = "issue"
    INSTALL = "install"
    REMOVE = "remove"
    RETURN = "return"
    REPORT_LOST = "report_lost"
    DESTROY = "destroy"
    OFFER = "offer"
    ACCEPT = "accept"


MOVES = tuple(
    event
    for event in CarrierEvent
    if event not in {CarrierEvent.REGISTER, CarrierEvent.OFFER, CarrierEvent.ACCEPT}
)
"""What is done by one person alone to a carrier that is registered."""

_OVER: Mapping[CarrierState, Refusal] = {
    CarrierState.LOST: CARRIER_LOST,
    CarrierState.DESTROYED: CARRIER_DESTROYED,
}
_KEPT = (CarrierState.IN_STOCK, CarrierState.ISSUED, CarrierState.INSTALLED)
_SAME: Mapping[CarrierState, CarrierState | Refusal] = {**_OVER, **{one: one for one in _KEPT}}

TABLE: Mapping[CarrierEvent, Mapping[CarrierState, CarrierState | Refusal]] = {
    CarrierEvent.REGISTER: dict.fromkeys(CarrierState, CARRIER_KNOWN),
    CarrierEvent.ISSUE: {
        **_OVER,
        CarrierState.IN_STOCK: CarrierState.ISSUED,
        CarrierState.ISSUED: NOT_IN_STOCK,
        CarrierState.INSTALLED: NOT_IN_STOCK,
    },
    CarrierEvent.INSTALL: {
        **_OVER,
        CarrierState.IN_STOCK: NOT_ISSUED,
        CarrierState.ISSUED: CarrierState.INSTALLED,
        CarrierState.INSTALLED: INSTALLED_STILL,
    },
    CarrierEvent.REMOVE: {
        **_OVER,
        CarrierState.IN_STOCK: NOT_INSTALLED,
        CarrierState.ISSUED: NOT_INSTALLED,
        CarrierState.INSTALLED: CarrierState.ISSUED,
    },
    CarrierEvent.RETURN: {
        **_OVER,
        CarrierState.IN_STOCK: NOT_ISSUED,
        CarrierState.ISSUED: CarrierState.IN_STOCK,
        CarrierState.INSTALLED: INSTALLED_STILL,
    },
    CarrierEvent.REPORT_LOST: {**_OVER, **dict.fromkeys(_KEPT, CarrierState.LOST)},
    CarrierEvent.DESTROY: {
        CarrierState.IN_STOCK: CarrierState.DESTROYED,
        CarrierState.ISSUED: CarrierState.DESTROYED,
        CarrierState.INSTALLED: INSTALLED_STILL,
        CarrierState.LOST: CarrierState.DESTROYED,
        CarrierState.DESTROYED: CARRIER_DESTROYED,
    },
    CarrierEvent.OFFER: _SAME,
    CarrierEvent.ACCEPT: _SAME,
}
"""What follows, for every event and every state."""

EVENT_WORDS: Mapping[CarrierEvent, LocalizedText] = {
    CarrierEvent.REGISTER: LocalizedText("密钥载体入库登记", "Registered a key carrier"),
    CarrierEvent.ISSUE: LocalizedText("密钥载体领出", "Issued a key carrier"),
    CarrierEvent.INSTALL: LocalizedText("密钥载体装入终端", "Installed a key carrier"),
    CarrierEvent.REMOVE: LocalizedText("密钥载体从终端拆下", "Removed a key carrier"),
    CarrierEvent.RETURN: LocalizedText("密钥载体退库", "Returned a key carrier"),
    CarrierEvent.REPORT_LOST: LocalizedText("密钥载体报失", "Reported a key carrier lost"),
    CarrierEvent.DESTROY: LocalizedText("密钥载体销毁", "Destroyed a key carrier"),
    CarrierEvent.OFFER: LocalizedText("密钥载体发起交接", "Offered a key carrier"),
    CarrierEvent.ACCEPT: LocalizedText("密钥载体接收确认", "Accepted a key carrier"),
}


@dataclass(frozen=True, slots=True)
class Carrier:
    """A key carrier; `offered_to` is who has yet to confirm that they took it over.

    `terminals` are those it is in, or was in when it was lost.
    """

    carrier_id: str
    kind: CarrierKind
    serial: str
    key_version: int
    custodian: str
    location: str
    state: CarrierState
    terminals: tuple[str, ...]
    changed_at: datetime
    revision: int
    offered_to: str | None = None


def after(carrier: Carrier, event: CarrierEvent, caller: Caller) -> CarrierState | Refusal:
    """Return the state that follows, or why the event is refused."""
    outcome = TABLE[event][carrier.state]
    if isinstance(outcome, Refusal):
        return outcome
    if event is CarrierEvent.ACCEPT:
        mine = carrier.offered_to is not None and carrier.offered_to == keeper(caller)
        return outcome if mine else NOT_OFFERED
    for_the_officer = event in {CarrierEvent.REPORT_LOST, CarrierEvent.DESTROY}
    if for_the_officer and Role.SECURITY_OFFICER in caller.roles:
        return outcome
    return outcome if carrier.custodian == keeper(caller) else NOT_THE_CUSTODIAN


def keeper(caller: Caller) -> str:
    """Return as whom a caller keeps things."""
    return caller.staff_id or "operator"


def form_fault(serial: str, location: str, key_version: int) -> Refusal | None:
    """Return why a carrier cannot be registered as written."""
    fits = is_plain(serial) and is_plain(location) and 1 <= key_version <= MAX_KEY_VERSION
    return None if fits else CARRIER_FORM


def move_fault(
    event: CarrierEvent, terminals: Sequence[str], location: str | None
) -> Refusal | None:
    """Return why a move cannot be done as written: only installing names terminals."""
    if event not in MOVES or not (location is None or is_plain(location)):
        return CARRIER_FORM
    named = 1 <= len(set(terminals)) <= MAX_TERMINALS and all(map(is_identifier, terminals))
    if event is CarrierEvent.INSTALL:
        return None if named else TERMINALS_UNKNOWN
    return CARRIER_FORM if terminals else None


def is_plain(text: str) -> bool:
    """Tell whether a serial or place can be stored and shown."""
    return 1 <= len(text) <= MAX_TEXT and text.isprintable()
