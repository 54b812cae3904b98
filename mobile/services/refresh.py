"""Asking the backend how things stand: the card, its last visits, a newer certificate."""

from dataclasses import replace
from datetime import datetime, timedelta

from mobile.core.booking import Booking
from mobile.core.card import Card, IssuedCertificate, read_instant
from mobile.core.subsidy import LatestSubsidy
from mobile.core.trouble import NONSENSE, NOT_UNDERSTOOD, WRONG_KEY, Trouble
from mobile.core.visits import Visit
from mobile.services.backend import Backend, Data
from mobile.services.city_time import CityTime
from mobile.services.session import Session
from shared.identifiers import random_identifier

FIRST_VISITS = 20
WHOLE_AFTER = timedelta(minutes=1)
"""How long looks at the newest visit are enough, before all of it is read again."""


class Refresh:
    """Reads and renewals; each returns whether it succeeded and tells the session either way."""

    def __init__(self, backend: Backend, session: Session, time: CityTime) -> None:
        self._backend = backend
        self._session = session
        self._time = time
        self._renewal_key: str | None = None
        self._whole_at: datetime | None = None

    def expect_news(self) -> None:
        """Read all of it next time: something was done, or somebody asked."""
        self._whole_at = None

    async def home(self) -> bool:
        """Fetch the card and what is new of its visits; now and then, all visits and bookings."""
        if self._whole_due():
            return await self._home(whole=True)
        succeeded = await self._home(whole=False)
        return await self._home(whole=True) if succeeded and self._whole_due() else succeeded

    def _whole_due(self) -> bool:
        return self._whole_at is None or self._time.now() - self._whole_at >= WHOLE_AFTER

    async def _home(self, *, whole: bool) -> bool:
        asked = self._time.reading()
        wish = {"first": FIRST_VISITS if whole else 1, "bookings": whole, "subsidies": whole}
        answer = await self._ask("Home", wish)
        if answer is None or self._session.wallet is None:
            return False
        wallet = self._session.wallet
        try:
            if answer["card"]["__typename"] == "Refusal":
                self._session.refuse(Trouble.of_wire(answer["card"]))
                return True
            card = Card.of_wire(answer["card"])
            renew_after = read_instant(answer["card"]["certificate"]["renewAfter"])
            visits = tuple(Visit.of_wire(visit) for visit in answer["visits"]["nodes"])
            coming = _coming(answer["comingBookings"]) if whole else wallet.coming
            subsidy = _latest(answer["subsidies"]) if whole else wallet.subsidy
            self._time.settle(read_instant(answer["serverTime"]), asked)
        except NONSENSE:
            self._session.lost(NOT_UNDERSTOOD)
            return False
        if whole:
            self._whole_at = self._time.now()
        elif visits != wallet.visits[:1]:
            self.expect_news()
            return True
        certificate, seen_at = wallet.certificate.due(renew_after), self._time.now()
        self._session.keep(
            replace(
                wallet,
                card=card,
                certificate=certificate,
                visits=visits if whole else wallet.visits,
                seen_at=seen_at,
                coming=coming,
                subsidy=subsidy,
            )
        )
        return True

    async def certificate(self) -> bool:
        """Ask for a newer certificate, as one request until it is answered."""
        self._renewal_key = self._renewal_key or random_identifier("renew")
        request = {"idempotencyKey": self._renewal_key, **self._held()}
        answer = await self._ask("RenewCertificate", {"input": request})
        if answer is None:
            return False
        self._renewal_key = None
        try:
            result = answer["renewCertificate"]
            if result["__typename"] == "Refusal":
                self._session.refuse_renewal(Trouble.of_wire(result))
                return False
            self._take(IssuedCertificate.of_wire(result["certificate"]))
        except NONSENSE:
            self._session.lost(NOT_UNDERSTOOD)
            return False
        return True

    def _held(self) -> Data:
        """Return what spares the server to look everything up again: the certificate held."""
        wallet = self._session.wallet
        return {"heldCertificate": wallet.certificate.to_wire()["certificate"]} if wallet else {}

    def _take(self, certificate: IssuedCertificate) -> None:
        key = self._session.key
        if key is None or certificate.certificate.claims.device_key != key.public:
            self._session.lost(WRONG_KEY)
        else:
            self._session.keep_certificate(certificate)

    async def _ask(self, operation: str, variables: Data) -> Data | None:
        if self._session.key is None:
            return None
        answer = await self._backend.ask(operation, variables, self._session.key)
        if isinstance(answer, Trouble):
            self._session.lost(answer)
            return None
        return answer


def _coming(wire: Data) -> tuple[Booking, ...] | None:
    """Read the next bookings; None where there is a reason to tell none."""
    if wire["__typename"] == "Refusal":
        return None
    return tuple(map(Booking.of_wire, wire["nodes"]))


def _latest(wire: Data) -> LatestSubsidy | None:
    """Read the newest payment of a subsidy; None where there is none to tell."""
    nodes = wire["nodes"] if wire["__typename"] != "Refusal" else ()
    return next(map(LatestSubsidy.of_wire, nodes), None)
