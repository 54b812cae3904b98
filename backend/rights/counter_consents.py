"""Separate consents at an outlet 网点, by the person's own card and PIN.

For who has no phone: a child of 14, whose parent acts for them but does not decide this any more
(PIPL 31, D13), and an elder. The clerk reads the purpose out and the person keys in the PIN.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from backend.figures import MandateFigures
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.mandates.counter import HolderPins
from backend.mandates.stored import is_under_guardianship
from backend.residents.rules import RESIDENT_UNKNOWN
from backend.residents.same_person import surviving
from backend.residents.service import Residents
from backend.residents.standing import status_of
from backend.rights import deeds
from backend.rights.consents import ConsentFacts, Consents, Standing, receipt_of
from backend.rights.rules import GUARDIAN_CONSENTS, PIN_KEYED_IN, PURPOSE_UNKNOWN
from shared.clock import Clock
from shared.identifiers import is_identifier
from shared.identity.age import age_on, local_day

Work = Callable[[Caller, str, Session], Awaitable[Answer | Refusal]]


@dataclass(frozen=True, slots=True)
class ConsentAtCounter:
    """Who stands there, which purpose they were told of, and the PIN they keyed in."""

    resident_id: str
    purpose: str
    pin: str = field(repr=False)


class CounterConsents:
    """Serves people at an outlet."""

    def __init__(
        self,
        consents: Consents,
        residents: Residents,
        pins: HolderPins,
        once: Once,
        figures: MandateFigures,
        clock: Clock,
    ) -> None:
        self._consents = consents
        self._residents = residents
        self._pins = pins
        self._once = once
        self._figures = figures
        self._clock = clock

    async def standings(
        self, caller: Caller | None, resident_id: str
    ) -> Sequence[Standing] | Refusal:
        """Return every purpose, to be read out, and whether the person's consent to it stands."""
        denied = may(caller, Act.CONSENT_SERVE)
        if caller is None or denied is not None:
            return denied or SIGN_IN_NEEDED
        by = caller
        if not is_identifier(resident_id) or await status_of(resident_id) is None:
            return RESIDENT_UNKNOWN
        person, now = await surviving(resident_id), self._clock.now()
        deed = deeds.of_caller(by, "rights.consents_seen", deeds.CONSENTS_SEEN, person, now)
        await audit.in_one_write(lambda session: audit.record(deed, session))
        return await self._consents.standings_of(person)

    async def take(
        self, caller: Caller | None, key: str, wish: ConsentAtCounter, version: int
    ) -> ConsentFacts | Refusal | None:
        """Take a consent to one purpose, in the version that was read out."""

        async def work(by: Caller, person: str, session: Session) -> Answer | Refusal:
            if await self._guardian_decides(person, session):
                return GUARDIAN_CONSENTS
            return await self._consents.given(by, person, wish.purpose, version, session)

        request = {"act": "take consent at counter", "version": str(version)}
        return await self._perform(caller, key, request, wish, work)

    async def withdraw(
        self, caller: Caller | None, key: str, wish: ConsentAtCounter
    ) -> ConsentFacts | Refusal | None:
        """Withdraw a consent, as easily as it was given; None where none was ever given."""

        async def work(by: Caller, person: str, session: Session) -> Answer | Refusal:
            return await self._consents.withdrawn(by, person, wish.purpose, session)

        request = {"act": "withdraw consent at counter"}
        return await self._perform(caller, key, request, wish, work)

    async def _guardian_decides(self, person: str, session: Session) -> bool:
        """Tell whether somebody is too young to decide, or under guardianship."""
        birth = (await self._residents.person(person, session)).birth
        too_young = age_on(birth, local_day(self._clock.now())) < self._figures.consent_age
        return too_young or await is_under_guardianship(person, session)

    async def _perform(
        self,
        caller: Caller | None,
        key: str,
        request: dict[str, str],
        wish: ConsentAtCounter,
        work: Work,
    ) -> ConsentFacts | Refusal | None:
        denied = may(caller, Act.CONSENT_SERVE)
        if caller is None or denied is not None:
            return denied or SIGN_IN_NEEDED
        if wish.purpose not in self._consents.texts.purposes:
            return PURPOSE_UNKNOWN
        if not is_identifier(wish.resident_id):
            return RESIDENT_UNKNOWN
        by, asks = caller, caller.staff_id or "operator"
        request = {**request, "person": wish.resident_id, "purpose": wish.purpose}
        # The PIN is looked at once: a request that was answered gets its answer again.
        done = await self._once.answered(caller=asks, key=key, request=request)
        if done is None:
            refused = await self._unproven(wish)
            if refused is not None:
                return refused

            async def act(session: Session) -> Answer | Refusal:
                return await work(by, await surviving(wish.resident_id, session), session)

            now = self._clock.now()
            done = await self._once.perform(caller=asks, key=key, request=request, now=now, act=act)
        return done if isinstance(done, Refusal) else await receipt_of(done)

    async def _unproven(self, wish: ConsentAtCounter) -> Refusal | None:
        if not wish.pin:
            return PIN_KEYED_IN
        return await self._pins.refusal(wish.resident_id, wish.pin)
