"""What was last seen of the card, kept sealed so that the phone works without a network."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from mobile.core.account import Tokens
from mobile.core.booking import Booking, BookingsSeen
from mobile.core.card import Card, IssuedCertificate, read_instant
from mobile.core.preferences import Preferences
from mobile.core.subsidy import LatestSubsidy
from mobile.core.trouble import NONSENSE
from mobile.core.visits import Visit
from mobile.ports.secret_box.box import BoxDamaged, SecretBox
from mobile.services.kept_for_others import KeptForOthers
from shared.ecode.algorithms import Algorithm, InvalidKey, SoftwareKey

if TYPE_CHECKING:
    from mobile.core.court_payment import PaymentsSeen
    from mobile.core.exam import ExamsSeen
    from mobile.core.guide import GuidesSeen
    from mobile.core.library import ShelfSeen
    from mobile.core.mandate import FamilySeen
    from mobile.core.passes import PassesSeen
    from mobile.core.pending import PendingAct
    from mobile.core.privacy_notice import NoticesRead
    from mobile.core.recommendation import RecommendationsSeen
    from mobile.core.stored_value import StoredValueSeen
    from mobile.core.subsidy import SubsidiesSeen
    from mobile.core.timeline import TimelineSeen
    from mobile.core.venue import VenuesSeen
    from mobile.core.vouchers import VouchersSeen

Seen = TypeVar("Seen")
_VERSION = 1
_WALLET, _DEVICE, _PREFERENCES, _TOKENS = "wallet", "device", "preferences", "account"
_NOTICES, _BOOKINGS, _VENUES = "notices", "bookings", "venues"
_PASSES, _VOUCHERS, _ACTS, _FAMILY = "passes", "vouchers", "acts", "family"
_CONTACTS, _SHELF, _STORED, _TIMELINE = "contacts", "library", "stored_value", "timeline"
_PAYMENTS, _RECOMMENDED, _EXAMS = "court_payments", "recommendations", "exams"
_GUIDES = "guides"
_SUBSIDIES = "subsidies"
_OF_OTHERS = "bookings_of_others", "passes_of_others", "vouchers_of_others"


@dataclass(frozen=True, slots=True)
class Wallet:
    """The card, its last visits and next bookings as of `seen_at`.

    `offset` is server minus device time; `coming` None where no bookings were told, which is not
    the same as having none; `subsidy` is the newest payment, if there is one.
    """

    card: Card
    certificate: IssuedCertificate
    visits: tuple[Visit, ...]
    seen_at: datetime
    offset: timedelta
    coming: tuple[Booking, ...] | None = None
    subsidy: LatestSubsidy | None = None

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> "Wallet":
        """Read what `to_wire` wrote; raises KeyError, TypeError or ValueError for anything else."""
        if wire["version"] != _VERSION:
            raise ValueError(f"a wallet of version {wire['version']}")
        coming = wire.get("coming")  # None also as an older app stored it
        subsidy = wire.get("subsidy")
        return cls(
            card=Card.of_wire(wire["card"]),
            certificate=IssuedCertificate.of_wire(wire["certificate"]),
            visits=tuple(Visit.of_wire(visit) for visit in wire["visits"]),
            seen_at=read_instant(wire["seenAt"]),
            offset=timedelta(seconds=wire["offsetSeconds"]),
            coming=None if coming is None else tuple(map(Booking.of_wire, coming)),
            subsidy=None if subsidy is None else LatestSubsidy.of_wire(subsidy),
        )

    def to_wire(self) -> dict[str, Any]:
        """Return the wallet as JSON has it."""
        return {
            "version": _VERSION,
            "card": self.card.to_wire(),
            "certificate": self.certificate.to_wire(),
            "visits": [visit.to_wire() for visit in self.visits],
            "seenAt": self.seen_at.isoformat(),
            "offsetSeconds": self.offset.total_seconds(),
            "coming": None if self.coming is None else [one.to_wire() for one in self.coming],
            "subsidy": None if self.subsidy is None else self.subsidy.to_wire(),
        }


class WalletStore:
    """Wallet, device key, sign-in, notices and preferences as sealed entries of the secret box."""

    def __init__(self, box: SecretBox) -> None:
        self._box = box

    def load(self) -> Wallet | None:
        """Return the wallet, None before the first enrolment.

        Raises:
            BoxDamaged: it cannot be opened or read.
        """
        stored = self._box.get(_WALLET)
        if stored is None:
            return None
        try:
            return Wallet.of_wire(json.loads(stored))
        except NONSENSE as error:
            raise BoxDamaged(_WALLET) from error

    def save(self, wallet: Wallet) -> None:
        """Keep `wallet`; raises `BoxUnwritable`."""
        self._box.put(_WALLET, json.dumps(wallet.to_wire(), ensure_ascii=False).encode())

    def device_key(self) -> SoftwareKey | None:
        """Return the device's key, None before it was made.

        Raises:
            BoxDamaged: it cannot be opened or read.
        """
        stored = self._box.get(_DEVICE)
        if stored is None:
            return None
        try:
            return SoftwareKey.of_pem(stored)
        except InvalidKey as error:
            raise BoxDamaged(_DEVICE) from error

    def make_device_key(self) -> SoftwareKey:
        """Make a device key and keep it; raises `BoxUnwritable`."""
        key = SoftwareKey.generate(Algorithm.ED25519)
        self._box.put(_DEVICE, key.to_pem())
        return key

    def tokens(self) -> Tokens | None:
        """Return the resident's sign-in, None without one.

        Raises:
            BoxDamaged: it cannot be opened or read.
        """
        stored = self._box.get(_TOKENS)
        if stored is None:
            return None
        try:
            return Tokens.of_wire(json.loads(stored))
        except NONSENSE as error:
            raise BoxDamaged(_TOKENS) from error

    def save_tokens(self, tokens: Tokens) -> None:
        """Keep the resident's sign-in; raises `BoxUnwritable`."""
        self._box.put(_TOKENS, json.dumps(tokens.to_wire()).encode())

    def forget_tokens(self) -> None:
        """Remove the resident's sign-in; raises `BoxUnwritable`."""
        self._box.forget(_TOKENS)

    def preferences(self) -> Preferences:
        """Return how the app is to look; damaged or missing ones are the defaults."""
        try:
            stored = self._box.get(_PREFERENCES)
            return Preferences.of_wire(json.loads(stored)) if stored else Preferences()
        except (BoxDamaged, *NONSENSE):
            return Preferences()

    def save_preferences(self, preferences: Preferences) -> None:
        """Keep `preferences`; raises `BoxUnwritable`."""
        self._box.put(_PREFERENCES, json.dumps(preferences.to_wire()).encode())

    def notices(self) -> "NoticesRead":
        """Return the notices as last seen; damaged or missing ones are to be read anew."""
        from mobile.core.privacy_notice import NoticesRead

        try:
            stored = self._box.get(_NOTICES)
            return NoticesRead.of_wire(json.loads(stored)) if stored else NoticesRead()
        except (BoxDamaged, *NONSENSE):
            return NoticesRead()

    def save_notices(self, notices: "NoticesRead") -> None:
        """Keep the notices and which were read; raises `BoxUnwritable`."""
        self._box.put(_NOTICES, json.dumps(notices.to_wire(), ensure_ascii=False).encode())

    def bookings(self) -> BookingsSeen | None:
        """Return the bookings as last seen; damaged or missing ones are to be read anew."""
        return self._read(_BOOKINGS, BookingsSeen.of_wire)

    def save_bookings(self, seen: BookingsSeen) -> None:
        """Keep the bookings; raises `BoxUnwritable`."""
        self._box.put(_BOOKINGS, json.dumps(seen.to_wire(), ensure_ascii=False).encode())

    def forget_bookings(self) -> None:
        """Remove the bookings; raises `BoxUnwritable`."""
        self._box.forget(_BOOKINGS)

    def passes(self) -> "PassesSeen | None":
        """Return the passes as last seen; damaged or missing ones are to be read anew."""
        from mobile.core.passes import PassesSeen

        return self._read(_PASSES, PassesSeen.of_wire)

    def save_passes(self, seen: "PassesSeen") -> None:
        """Keep the passes; raises `BoxUnwritable`."""
        self._box.put(_PASSES, json.dumps(seen.to_wire(), ensure_ascii=False).encode())

    def forget_passes(self) -> None:
        """Remove the passes; raises `BoxUnwritable`."""
        self._box.forget(_PASSES)

    def vouchers(self) -> "VouchersSeen | None":
        """Return the vouchers as last seen; damaged or missing ones are to be read anew."""
        from mobile.core.vouchers import VouchersSeen

        return self._read(_VOUCHERS, VouchersSeen.of_wire)

    def save_vouchers(self, seen: "VouchersSeen") -> None:
        """Keep the vouchers; raises `BoxUnwritable`."""
        self._box.put(_VOUCHERS, json.dumps(seen.to_wire(), ensure_ascii=False).encode())

    def forget_vouchers(self) -> None:
        """Remove the vouchers; raises `BoxUnwritable`."""
        self._box.forget(_VOUCHERS)

    def shelf(self) -> "ShelfSeen | None":
        """Return what was borrowed as last seen; damaged or missing it is to be read anew."""
        from mobile.core.library import ShelfSeen

        return self._read(_SHELF, ShelfSeen.of_wire)

    def save_shelf(self, seen: "ShelfSeen") -> None:
        """Keep what was borrowed; raises `BoxUnwritable`."""
        self._box.put(_SHELF, json.dumps(seen.to_wire(), ensure_ascii=False).encode())

    def forget_shelf(self) -> None:
        """Remove what was borrowed; raises `BoxUnwritable`."""
        self._box.forget(_SHELF)

    def stored_value(self) -> "StoredValueSeen | None":
        """Return the stored value as last seen; damaged or missing it is to be read anew."""
        from mobile.core.stored_value import StoredValueSeen

        return self._read(_STORED, StoredValueSeen.of_wire)

    def save_stored_value(self, seen: "StoredValueSeen") -> None:
        """Keep the stored value; raises `BoxUnwritable`."""
        self._box.put(_STORED, json.dumps(seen.to_wire(), ensure_ascii=False).encode())

    def forget_stored_value(self) -> None:
        """Remove the stored value; raises `BoxUnwritable`."""
        self._box.forget(_STORED)

    def subsidies(self) -> "SubsidiesSeen | None":
        """Return the subsidies as last seen; damaged or missing ones are to be read anew."""
        from mobile.core.subsidy import SubsidiesSeen

        return self._read(_SUBSIDIES, SubsidiesSeen.of_wire)

    def save_subsidies(self, seen: "SubsidiesSeen") -> None:
        """Keep the subsidies; raises `BoxUnwritable`."""
        self._box.put(_SUBSIDIES, json.dumps(seen.to_wire(), ensure_ascii=False).encode())

    def forget_subsidies(self) -> None:
        """Remove the subsidies; raises `BoxUnwritable`."""
        self._box.forget(_SUBSIDIES)

    def payments(self) -> "PaymentsSeen | None":
        """Return what courts cost as last seen; damaged or missing it is to be read anew."""
        from mobile.core.court_payment import PaymentsSeen

        return self._read(_PAYMENTS, PaymentsSeen.of_wire)

    def save_payments(self, seen: "PaymentsSeen") -> None:
        """Keep what courts cost; raises `BoxUnwritable`."""
        self._box.put(_PAYMENTS, json.dumps(seen.to_wire(), ensure_ascii=False).encode())

    def forget_payments(self) -> None:
        """Remove what courts cost; raises `BoxUnwritable`."""
        self._box.forget(_PAYMENTS)

    def recommendations(self) -> "RecommendationsSeen | None":
        """Return what was recommended as last seen; damaged or missing it is to be read anew."""
        from mobile.core.recommendation import RecommendationsSeen

        return self._read(_RECOMMENDED, RecommendationsSeen.of_wire)

    def save_recommendations(self, seen: "RecommendationsSeen") -> None:
        """Keep what was recommended; raises `BoxUnwritable`."""
        self._box.put(_RECOMMENDED, json.dumps(seen.to_wire(), ensure_ascii=False).encode())

    def forget_recommendations(self) -> None:
        """Remove what was recommended; raises `BoxUnwritable`."""
        self._box.forget(_RECOMMENDED)

    def exams(self) -> "ExamsSeen | None":
        """Return the seats in examinations as last seen; damaged they are to be read anew."""
        from mobile.core.exam import ExamsSeen

        return self._read(_EXAMS, ExamsSeen.of_wire)

    def save_exams(self, seen: "ExamsSeen") -> None:
        """Keep the seats; raises `BoxUnwritable`."""
        self._box.put(_EXAMS, json.dumps(seen.to_wire(), ensure_ascii=False).encode())

    def forget_exams(self) -> None:
        """Remove the seats; raises `BoxUnwritable`."""
        self._box.forget(_EXAMS)

    def timeline(self) -> "TimelineSeen | None":
        """Return the history as last seen; damaged or missing it is to be read anew."""
        from mobile.core.timeline import TimelineSeen

        return self._read(_TIMELINE, TimelineSeen.of_wire)

    def save_timeline(self, seen: "TimelineSeen") -> None:
        """Keep the history; raises `BoxUnwritable`."""
        self._box.put(_TIMELINE, json.dumps(seen.to_wire(), ensure_ascii=False).encode())

    def forget_timeline(self) -> None:
        """Remove the history; raises `BoxUnwritable`."""
        self._box.forget(_TIMELINE)

    def family(self) -> "FamilySeen | None":
        """Return the mandates as last seen, with what shows principals' cards; damaged is none."""
        from mobile.core.mandate import FamilySeen

        return self._read(_FAMILY, FamilySeen.of_wire)

    def save_family(self, seen: "FamilySeen") -> None:
        """Keep the mandates; raises `BoxUnwritable`."""
        self._box.put(_FAMILY, json.dumps(seen.to_wire(), ensure_ascii=False).encode())

    def forget_family(self) -> None:
        """Remove the mandates and what shows principals' cards; raises `BoxUnwritable`."""
        self._box.forget(_FAMILY)

    def bookings_of_others(self) -> KeptForOthers[BookingsSeen]:
        """Return where principals' bookings are kept."""
        return KeptForOthers(self._box, _OF_OTHERS[0], BookingsSeen.of_wire)

    def passes_of_others(self) -> "KeptForOthers[PassesSeen]":
        """Return where principals' passes are kept."""
        from mobile.core.passes import PassesSeen

        return KeptForOthers(self._box, _OF_OTHERS[1], PassesSeen.of_wire)

    def vouchers_of_others(self) -> "KeptForOthers[VouchersSeen]":
        """Return where principals' vouchers are kept."""
        from mobile.core.vouchers import VouchersSeen

        return KeptForOthers(self._box, _OF_OTHERS[2], VouchersSeen.of_wire)

    def contacts(self) -> dict[str, str]:
        """Return the numbers of family by mandate; damaged or missing ones are none."""
        return self._read(_CONTACTS, _numbers) or {}

    def save_contacts(self, numbers: Mapping[str, str]) -> None:
        """Keep the numbers of family; raises `BoxUnwritable`."""
        self._box.put(_CONTACTS, json.dumps(numbers).encode())

    def forget_contacts(self) -> None:
        """Remove the numbers of family; raises `BoxUnwritable`."""
        self._box.forget(_CONTACTS)

    def _read(self, name: str, read: Callable[[Any], Seen]) -> Seen | None:
        try:
            stored = self._box.get(name)
            return read(json.loads(stored)) if stored else None
        except (BoxDamaged, *NONSENSE):
            return None

    def pending_acts(self) -> "tuple[PendingAct, ...]":
        """Return the acts without an answer; damaged or missing ones are none."""
        from mobile.core.pending import PendingAct

        try:
            stored = self._box.get(_ACTS)
            return tuple(map(PendingAct.of_wire, json.loads(stored))) if stored else ()
        except (BoxDamaged, *NONSENSE):
            return ()

    def save_pending_acts(self, acts: "tuple[PendingAct, ...]") -> None:
        """Keep the acts without an answer; raises `BoxUnwritable`."""
        stored = json.dumps([act.to_wire() for act in acts], ensure_ascii=False)
        self._box.put(_ACTS, stored.encode())

    def forget_pending_acts(self) -> None:
        """Remove the acts without an answer; raises `BoxUnwritable`."""
        self._box.forget(_ACTS)

    def guides(self) -> "GuidesSeen | None":
        """Return the guides as last seen; damaged or missing ones are to be read anew."""
        from mobile.core.guide import GuidesSeen

        return self._read(_GUIDES, GuidesSeen.of_wire)

    def save_guides(self, seen: "GuidesSeen") -> None:
        """Keep the guides; raises `BoxUnwritable`."""
        self._box.put(_GUIDES, json.dumps(seen.to_wire(), ensure_ascii=False).encode())

    def venues(self) -> "VenuesSeen | None":
        """Return the venues found last; damaged or missing ones are to be read anew."""
        from mobile.core.venue import VenuesSeen

        return self._read(_VENUES, VenuesSeen.of_wire)

    def save_venues(self, seen: "VenuesSeen") -> None:
        """Keep the venues; raises `BoxUnwritable`."""
        self._box.put(_VENUES, json.dumps(seen.to_wire(), ensure_ascii=False).encode())

    def start_anew(self, preferences: Preferences) -> None:
        """Throw a damaged box away, but `preferences` and acts without an answer that can be read.

        Raises:
            BoxUnwritable: something could not be removed, or kept.
        """
        self._box.start_anew(*((_ACTS,) if self.pending_acts() else ()))
        self.save_preferences(preferences)

    def forget(self) -> None:
        """Remove card, key, sign-in and what is booked or held; raises `BoxUnwritable`.

        How the app is to look stays. The card goes last: as long as it shows, not all is gone.
        """
        held = _BOOKINGS, _PASSES, _VOUCHERS, _SHELF, _STORED, _ACTS, _FAMILY, _CONTACTS, _TIMELINE
        read = _PAYMENTS, _RECOMMENDED, _EXAMS, _SUBSIDIES
        self._box.forget(_TOKENS, *read, *held, *_OF_OTHERS, _WALLET, _DEVICE)


def _numbers(stored: Mapping[str, Any]) -> dict[str, str]:
    return {str(mandate): str(number) for mandate, number in stored.items()}
