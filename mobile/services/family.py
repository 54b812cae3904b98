"""亲情代办: who acts for whom, for whom this phone acts now, and the cards it shows for others."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from mobile.core.card import Card, IssuedCertificate, read_instant
from mobile.core.mandate import (
    DELEGATE,
    MANDATE_OVER,
    PRINCIPAL,
    FamilySeen,
    Invitation,
    Mandate,
    MandateActs,
    MandateNews,
    MoneyLimits,
    Principal,
    WardMandates,
)
from mobile.core.trouble import WRONG_KEY, Trouble
from mobile.ports.secret_box.box import BoxUnwritable
from mobile.services.account import Account
from mobile.services.acts import Act
from mobile.services.answers import read_result
from mobile.services.backend import Data
from mobile.services.city_time import CityTime
from mobile.services.session import Session, Shown
from mobile.services.wallet import Wallet, WalletStore
from shared.identifiers import random_identifier

LOOK_AGAIN = timedelta(seconds=60)
ACTS_A_PAGE = 10
_OVER = frozenset({"mandate_over", "mandate_unknown", "mandate_scope_missing", "mandate_disputed"})


class Family:
    """Holds both sides as last read, kept sealed, and who is in front."""

    def __init__(
        self, account: Account, session: Session, store: WalletStore, time: CityTime
    ) -> None:
        self._account = account
        self._session = session
        self._store = store
        self._time = time
        self._listeners: list[Callable[[], None]] = []
        self._looked_at: datetime | None = None
        self._renewals: dict[str, str] = {}
        self._acts = {
            name: Act(name, _changed)
            for name in (
                *("TakeMandate", "ConfirmMandate", "StopMandate", "DisputeMandate"),
                *("LimitMandate", "SetMandateViewNotices", "GrantMandateByCard"),
            )
        }
        self._invite = Act("InviteMandate", _invited)
        self.known = store.family()
        self._live: frozenset[str] | None = None
        self.acting = ""
        account.listen(self._follow)
        session.listen(self._follow)

    @property
    def may_ask(self) -> bool:
        """Tell whether there is anybody to speak for."""
        return self._account.signed_in

    @property
    def principal(self) -> Principal | None:
        """For whom this phone acts now."""
        return self.known.principal(self.acting) if self.known and self.acting else None

    @property
    def in_force(self) -> frozenset[str]:
        """The mandates by which the holder may act now, as far as this phone knows."""
        now = self._time.now()
        known = self.known.principals if self.known else ()
        acted = (one.mandate for one in known)
        return frozenset(one.identifier for one in acted if one.state_at(now) == "ACTIVE")

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever somebody else is in front, or something became known."""
        self._listeners.append(listener)

    def switch(self, mandate: str) -> None:
        """Act for the principal of a mandate from now on; for oneself with an empty one."""
        if mandate and (self.known is None or self.known.principal(mandate) is None):
            return
        self.acting = mandate
        self._show_code()
        self._tell()

    async def read(self) -> Trouble | None:
        """Read both sides, and what shows the principals' cards."""
        sides = []
        for side in (PRINCIPAL, DELEGATE):
            answer = await self._account.ask("Mandates", {"side": side})
            found = read_result(answer, "mandates", _mandates)
            if isinstance(found, Trouble):
                return found
            sides.append(found)
        now = self._time.now()
        principals = tuple(self._known_as(one, now) for one in sides[1])
        self._keep(FamilySeen(sides[0], principals, now))
        await self._renew_codes()
        return None

    async def keep_codes(self) -> None:
        """Read anew and renew what is due; to be called now and then while the app runs."""
        now = self._time.now()
        if not self.may_ask or self.known is None or not self.known.principals:
            return
        self._note_ends(self.known)
        if self._looked_at is None or now - self._looked_at >= LOOK_AGAIN:
            self._looked_at = now
            await self.read()

    def _note_ends(self, known: FamilySeen) -> None:
        """Without a network too, what an ended mandate showed goes from this phone."""
        now, live = self._time.now(), self.in_force
        if live == self._live:
            return
        self._live = live
        principals = tuple(
            one if one.mandate.identifier in live else one.with_mandate(one.mandate, now)
            for one in known.principals
        )
        self._keep(replace(known, principals=principals))

    async def acts(self, mandate: str, after: str | None = None) -> MandateActs | Trouble:
        """Return a page of what was done with a mandate."""
        page = {"mandate": mandate, "first": ACTS_A_PAGE, "after": after}
        answer = await self._account.ask("MandateActs", page)
        return read_result(answer, "mandateActs", MandateActs.of_wire)

    async def ward(self, mandate: str, after: str | None = None) -> WardMandates | Trouble:
        """Return a page of who else acts for the ward whose guardian one is by a mandate."""
        answer = await self._account.ask("WardMandates", {"mandate": mandate, "after": after})
        return read_result(answer, "wardMandates", WardMandates.of_wire)

    async def stop_for_ward(self, mandate: str) -> Mandate | Trouble:
        """Stop, as the guardian, what another does for the ward; it is no mandate of one's own."""
        return await self._acts["StopMandate"].perform(self._account.ask, {"mandate": mandate})

    async def news(self) -> tuple[MandateNews, ...] | Trouble:
        """Return what the holder was told last."""
        answer = await self._account.ask("MandateNotices", {"first": 5})
        return read_result(
            answer,
            "mandateNotices",
            lambda wire: tuple(map(MandateNews.of_wire, wire["nodes"])),
        )

    async def invite(
        self, side: str, relation: str, scopes: tuple[str, ...], days: int
    ) -> Invitation | Trouble:
        """Make an invitation, as its principal or its delegate."""
        wish = {"side": side, "relation": relation, "scopes": scopes, "days": days}
        invited = await self._invite.perform(self._account.ask, wish)
        if isinstance(invited, Invitation):
            self._learn(invited.mandate)
        return invited

    async def take(self, digits: str) -> Mandate | Trouble:
        """Take the invitation whose digits the other side showed."""
        return await self._change("TakeMandate", {"invitation": digits})

    async def grant_by_card(
        self, card: str, pin: str, relation: str, scopes: tuple[str, ...], days: int
    ) -> Mandate | Trouble:
        """Be given a mandate by a relative's card and PIN; the card is named by its digest."""
        wish = {"card": card, "pin": pin, "relation": relation, "scopes": scopes, "days": days}
        return await self._change("GrantMandateByCard", wish)

    async def confirm(self, mandate: str) -> Mandate | Trouble:
        """Confirm as the principal."""
        return await self._change("ConfirmMandate", {"mandate": mandate})

    async def stop(self, mandate: str, scope: str = "") -> Mandate | Trouble:
        """Stop one scope of a mandate, or all of it."""
        wish = {"mandate": mandate, **({"scope": scope} if scope else {})}
        return await self._change("StopMandate", wish)

    async def dispute(self, mandate: str) -> Mandate | Trouble:
        """Suspend a mandate until an outlet decides."""
        return await self._change("DisputeMandate", {"mandate": mandate})

    async def limit(self, mandate: str, limits: MoneyLimits) -> Mandate | Trouble:
        """Set, as the principal, what the delegate may pay."""
        return await self._change("LimitMandate", {"mandate": mandate, **limits.to_wire()})

    async def tell_views(self, mandate: str, *, daily: bool) -> Mandate | Trouble:
        """Choose, as the principal, to be told of views once a day or one by one."""
        return await self._change("SetMandateViewNotices", {"mandate": mandate, "daily": daily})

    async def _change(self, operation: str, wish: Data) -> Mandate | Trouble:
        changed = await self._acts[operation].perform(self._account.ask, wish)
        if isinstance(changed, Mandate):
            self._learn(changed)
        return changed

    def _learn(self, mandate: Mandate) -> None:
        now = self._time.now()
        known = self.known or FamilySeen((), (), now)
        self._keep(known.with_mandate(mandate, now))

    def _known_as(self, mandate: Mandate, now: datetime) -> Principal:
        before = self.known.principal(mandate.identifier) if self.known else None
        return before.with_mandate(mandate, now) if before else Principal(mandate)

    async def _renew_codes(self) -> None:
        known = self.known
        for one in known.principals if known else ():
            if one.code_due(self._time.now()):
                await self._renew(one.mandate.identifier)

    async def _renew(self, mandate: str) -> None:
        """Take a certificate that shows a principal's card, as one request until it is answered."""
        key = self._renewals.setdefault(mandate, random_identifier("show"))
        answer = await self._account.ask(
            "TakeRepresentedCertificate", {"input": {"idempotencyKey": key}}, mandate
        )
        if not isinstance(answer, Trouble):
            self._renewals.pop(mandate, None)
        taken = read_result(answer, "takeRepresentedCertificate", _certificate)
        before = self.known.principal(mandate) if self.known else None
        if self.known is None or before is None:
            return
        if isinstance(taken, Trouble):
            ended = taken.code in _OVER
            after = replace(
                before, refusal=taken, certificate=None if ended else before.certificate
            )
        elif taken[1].certificate.claims.device_key != self._public_key():
            after = replace(before, refusal=WRONG_KEY)
        else:
            after = Principal(before.mandate, *taken)
        self._keep(self.known.with_principal(after))

    def _public_key(self) -> object:
        return self._session.key.public if self._session.key else None

    def _show_code(self) -> None:
        """Have the session show the principal's card in place of the own one."""
        principal = self.principal
        if principal is None or self.known is None:
            self._session.show_for_another(None)
            return
        wallet = None
        if principal.card is not None and principal.certificate is not None:
            wallet = Wallet(
                principal.card,
                principal.certificate,
                visits=(),
                seen_at=self.known.seen_at,
                offset=self._time.offset,
            )
        over = principal.mandate.state_at(self._time.now()) != "ACTIVE"
        refusal = MANDATE_OVER if over else principal.refusal
        self._session.show_for_another(Shown(principal.name, None if over else wallet, refusal))

    def _keep(self, seen: FamilySeen) -> None:
        """Hold what was seen; where it cannot be stored it holds until the app ends."""
        self.known = seen
        with suppress(BoxUnwritable):
            self._store.save_family(seen)
        self._show_code()
        self._tell()

    def _follow(self) -> None:
        """Without a sign-in nobody can be acted for; what shows cards stays until signed out."""
        if self.may_ask or self.known is None or self._account.ended is not None:
            return
        self.known, self.acting = None, ""
        with suppress(BoxUnwritable):
            self._store.forget_family()
        self._session.show_for_another(None)
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def _mandates(wire: Data) -> tuple[Mandate, ...]:
    return tuple(map(Mandate.of_wire, wire["nodes"]))


def _changed(wire: Data) -> Mandate:
    return Mandate.of_wire(wire["mandate"])


def _invited(wire: Data) -> Invitation:
    return Invitation(Mandate.of_wire(wire["mandate"]), wire["invitation"])


def _certificate(wire: Data) -> tuple[Card, IssuedCertificate]:
    read_instant(wire["serverTime"])
    return Card.of_wire(wire["card"]), IssuedCertificate.of_wire(wire["certificate"])
