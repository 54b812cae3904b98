"""Real-name registration 实名注册 (S1): a person, confirmed by the register, on the record once."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from typing_extensions import override

from backend.foundation.access import Caller
from backend.foundation.audit import (
    PLATFORM,
    Actor,
    ActorKind,
    Deed,
    System,
    record,
)
from backend.foundation.households import Households
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.residents.face_check import FaceCheck
from backend.residents.records import Registrant
from backend.residents.register import (
    FaceCheckDown,
    FaceComparison,
    PopulationRegister,
    RegisterAnswer,
    RegisterDown,
)
from backend.residents.rules import (
    FACE_CHECK_DOWN,
    FACE_NOT_CONFIRMED,
    IDENTITY_NOT_CONFIRMED,
    REGISTER_DOWN,
    RESIDENT_UNKNOWN,
    Assurance,
    Identity,
    PersonField,
    Source,
    region_of,
)
from backend.residents.same_person import surviving
from backend.residents.service import Registration, Residents
from backend.residents.source_rules import Word
from backend.residents.statements import Statements
from shared.clock import Clock
from shared.localized_text import LocalizedText

_REGISTERED = LocalizedText("办理实名注册", "registered you by your real name")
_AGAIN = LocalizedText("再次办理实名注册，原有记录未变", "registered you again; nothing changed")

_AGAIN_CHANGED = LocalizedText(
    "再次办理实名注册，按证件更新了记录",
    "registered you again; the record follows the document",
)
_AGAIN_DIFFERS = LocalizedText(
    "再次办理实名注册，与原记录不一致之处待核定",
    "registered you again; what differs from the record waits to be settled",
)


@dataclass(frozen=True, slots=True)
class Application:
    """What is given to register a person; `region` None means the city."""

    number: str = field(repr=False)
    name: str = field(repr=False)
    phone: str | None = field(repr=False)
    region: int | None = None


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies, by values that the rules have passed."""

    identity: Identity
    phone: str | None = field(repr=False)
    region: int
    household: str | None = field(repr=False, default=None)


class RealNameRegistration:
    """Registers people, by themselves or at a counter."""

    def __init__(
        self,
        residents: Residents,
        register: PopulationRegister,
        faces: FaceComparison,
        households: Households,
        once: Once,
        region: int,
        clock: Clock,
    ) -> None:
        self.residents = residents
        self._register = register
        self._faces = faces
        self._households = households
        self._once = once
        self._region = region
        self._clock = clock
        self._statements = Statements(residents, clock)

    def read(self, application: Application) -> Applicant | Refusal:
        """Read what was given; nothing is asked of anybody."""
        region = region_of(application.region, self._region)
        if isinstance(region, Refusal):
            return region
        read = self.residents.registrant(
            application.number, application.name, application.phone, self._clock.now()
        )
        return read if isinstance(read, Refusal) else Applicant(*read, region)

    async def confirm(
        self, applicant: Applicant, picture: bytes | None = None
    ) -> Applicant | Refusal:
        """Have the register confirm number and name, and the face check the face where given.

        The register adds the household to what the applicant gave.
        """
        number, name = applicant.identity.number.value, applicant.identity.name
        try:
            answer = await self._register.verify(number, name)
            face = picture is None or await self._faces.compare(number, name, picture)
            household = await self._register.household(number)
        except RegisterDown:
            return REGISTER_DOWN
        except FaceCheckDown:
            return FACE_CHECK_DOWN
        # Which of name, number and life is not right is nothing to tell a stranger.
        if answer is not RegisterAnswer.CONFIRMED:
            return IDENTITY_NOT_CONFIRMED
        return replace(applicant, household=household) if face else FACE_NOT_CONFIRMED

    async def enter(
        self, applicant: Applicant, caller: Caller | None, session: Session
    ) -> Registration:
        """Put a confirmed person on the record, once: 一级 over the network, 二级 at a counter.

        The person known here and the one unknown take the same commands, so that neither answer nor
        time tells them apart.
        """
        now = self._clock.now()
        assurance = Assurance.FIRST if caller is None else Assurance.SECOND
        registrant = Registrant(
            applicant.identity,
            applicant.phone,
            applicant.region,
            assurance,
            Source.POPULATION_REGISTER,
        )
        done = await self.residents.record(registrant, now, session)
        heard: frozenset[PersonField] = frozenset()
        if assurance is Assurance.SECOND:
            await self.residents.assure(done.resident_id, now, session)
            heard = await self._hear(done, applicant, now, session)
            done = replace(done, differs=tuple(one for one in done.differs if one not in heard))
        number, household = applicant.identity.number.value, applicant.household
        await self._households.know(done.resident_id, number, session)
        if household is not None:
            await self._households.join(number, household, session)
        await record(_deed(done, caller, now, changed=bool(heard)), session)
        return replace(done, resident_id=await surviving(done.resident_id, session))

    async def _hear(
        self, done: Registration, applicant: Applicant, now: datetime, session: Session
    ) -> frozenset[PersonField]:
        """Let the record there was hear the document, and what was said with it, as sources."""
        if not done.existed:
            return frozenset()
        words = {PersonField.NAME: Word(Source.DOCUMENT, now, applicant.identity.name)}
        if applicant.phone is not None:
            words[PersonField.PHONE] = Word(Source.COUNTER, now, applicant.phone)
        return await self._statements.hear(done.resident_id, words, session) or frozenset()

    async def at_counter(
        self, caller: Caller | None, idempotency_key: str, application: Application
    ) -> Registration | Refusal:
        """Register a person who stands at the counter with their document: 二级."""
        refused = may(caller, Act.RESIDENT_REGISTER)
        if refused is not None or caller is None:
            return refused or SIGN_IN_NEEDED
        applicant = self.read(application)
        if isinstance(applicant, Refusal):
            return applicant
        who = caller.thumbprint or caller.actor.id
        request = {"act": "register", "asked": self.residents.fingerprint(*_said(applicant))}
        answer = await self._once.answered(caller=who, key=idempotency_key, request=request)
        if answer is None:
            confirmed = await self.confirm(applicant)
            if isinstance(confirmed, Refusal):
                return confirmed

            async def act(session: Session) -> Answer:
                done = await self.enter(confirmed, caller, session)
                differs = [one.value for one in done.differs]
                return {"resident": done.resident_id, "existed": done.existed, "differs": differs}

            answer = await self._once.perform(
                caller=who, key=idempotency_key, request=request, now=self._clock.now(), act=act
            )
        if isinstance(answer, Refusal):
            return answer
        differs = tuple(map(PersonField, answer["differs"]))
        return Registration(answer["resident"], answer["existed"], differs)


class ResidentFaceCheck(FaceCheck):
    """Compares a picture with the face of a resident on the record."""

    def __init__(self, residents: Residents, faces: FaceComparison) -> None:
        self._residents = residents
        self._faces = faces

    @override
    async def matches(self, resident_id: str, picture: bytes) -> bool | Refusal:
        found = await self._residents.stored(resident_id)
        if found is None:
            return RESIDENT_UNKNOWN
        name, number = (
            self._residents.open(found, one) for one in (PersonField.NAME, PersonField.NUMBER)
        )
        try:
            return await self._faces.compare(number or "", name or "", picture)
        except FaceCheckDown:
            return FACE_CHECK_DOWN


def _deed(done: Registration, caller: Caller | None, now: datetime, *, changed: bool) -> Deed:
    again = _AGAIN
    if changed:
        again = _AGAIN_CHANGED
    elif done.differs and caller is not None:
        again = _AGAIN_DIFFERS
    return Deed(
        at=now,
        actor=caller.actor if caller else Actor(ActorKind.RESIDENT, done.resident_id),
        action="residents.registered_again" if done.existed else "residents.registered",
        words=again if done.existed else _REGISTERED,
        system=System.APP if caller is None else System.COUNTER,
        subject=done.resident_id,
        organisation=caller.organisation if caller else PLATFORM,
        disclosed=caller is not None,
    )


def _said(applicant: Applicant) -> tuple[str, ...]:
    identity = applicant.identity
    return identity.number.value, identity.name, applicant.phone or "", str(applicant.region)
