"""What each document must say before a reader goes by it: its own, of its place, never older."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from pyroaring import BitMap64

from reader_service.offline_holdings import HeldSet
from reader_service.status_bitmaps import StatusBitmaps
from shared.trust.function_list import FunctionList, FunctionStanding, decode_function_list
from shared.trust.status_list import SignedStatusList, card_number_of, open_status_list
from shared.trust.trust_list import TrustList, Untrusted
from shared.wire.enrolment import TerminalEnrolment
from shared.wire.manifest import VenueManifest, read_manifest
from shared.wire.terminal_standing import TerminalStanding, read_terminal_standing


class _Dated(Protocol):
    @property
    def issued_at(self) -> datetime: ...


class FunctionBitmaps:
    """A function list ready for look-ups."""

    def __init__(self, function_list: FunctionList) -> None:
        self.code = function_list.code
        self.epoch = function_list.epoch
        self.issued_at = function_list.issued_at
        self.valid_until = function_list.valid_until
        self._list = replace(function_list, cards=(), physical_cards=())
        self._cards = BitMap64(function_list.cards)
        self._physical_cards = BitMap64(function_list.physical_cards)

    def of_code(self, region: int, card_index: int, now: datetime) -> FunctionStanding:
        """Return what the list says of an e-card; a function is its own region's alone."""
        if region != self._list.region:
            return FunctionStanding.DISABLED
        return self._list.standing(now, listed=card_index in self._cards)

    def of_card(self, region: int, digest: bytes, now: datetime) -> FunctionStanding:
        """Return what the list says of a physical card, by its `card_digest`."""
        if region != self._list.region:
            return FunctionStanding.DISABLED
        return self._list.standing(now, listed=card_number_of(digest) in self._physical_cards)


@dataclass(frozen=True, slots=True)
class Lists:
    """The documents in use; None is not there yet."""

    trust: TrustList | None = None
    manifest: VenueManifest | None = None
    status: StatusBitmaps | None = None
    functions: FunctionBitmaps | None = None
    standing: TerminalStanding | None = None
    holdings: HeldSet | None = None


def newer_manifest(
    lists: Lists, text: str, trust: TrustList, enrolment: TerminalEnrolment, now: datetime
) -> VenueManifest:
    """Return the manifest of this reader's venue.

    Raises:
        Untrusted: it is forged, another venue's, or older than the one in use.
    """
    manifest = read_manifest(text, trust, enrolment.list_region, enrolment.list_key_id, now)
    if manifest.venue_number != enrolment.venue_number:
        raise Untrusted("not_for_this_reader")
    refuse_older(manifest, lists.manifest)
    return manifest


def newer_standing(
    lists: Lists, text: str, trust: TrustList, enrolment: TerminalEnrolment, now: datetime
) -> TerminalStanding:
    """Return this reader's own standing.

    Raises:
        Untrusted: it is forged, another reader's, or older than the one in use.
    """
    region, key_id = enrolment.list_region, enrolment.list_key_id
    standing = read_terminal_standing(text, trust, region, key_id, now)
    if standing.terminal_id != enrolment.terminal_id:
        raise Untrusted("not_for_this_reader")
    refuse_older(standing, lists.standing)
    return standing


def newer_functions(
    lists: Lists, body: bytes, trust: TrustList, enrolment: TerminalEnrolment, now: datetime
) -> FunctionBitmaps:
    """Return the list of the function that the venue asks for.

    Raises:
        Untrusted: it is forged, of another region or function, or older than the one in use.
    """
    found = decode_function_list(body, trust, now)
    manifest, in_use = lists.manifest, lists.functions
    asked = manifest.rules.required_function if manifest else None
    if found.region != region_of(lists, enrolment) or found.code != asked:
        raise Untrusted("not_for_this_reader")
    if in_use and in_use.code == found.code:
        if found.epoch < in_use.epoch:
            raise Untrusted("older")
        refuse_older(found, in_use)
    return FunctionBitmaps(found)


def newer_status(
    lists: Lists, body: bytes, trust: TrustList, enrolment: TerminalEnrolment, now: datetime
) -> SignedStatusList:
    """Return the region's whole status list.

    Raises:
        Untrusted: it is forged, a part, of another region, or older than the one in use.
    """
    status = open_status_list(body, trust, now)
    if status.base_epoch or status.region != region_of(lists, enrolment):
        raise Untrusted("not_for_this_reader")
    if lists.status and status.epoch < lists.status.epoch:
        raise Untrusted("older")
    refuse_older(status, lists.status)
    return status


def region_of(lists: Lists, enrolment: TerminalEnrolment) -> int:
    """Return the region whose lists count here: the venue's, before its manifest the reader's."""
    return lists.manifest.region if lists.manifest else enrolment.list_region


def refuse_older(offered: _Dated, in_use: _Dated | None) -> None:
    """Refuse what was made before what is in use.

    Raises:
        Untrusted: `older`.
    """
    if in_use is not None and offered.issued_at < in_use.issued_at:
        raise Untrusted("older")
