"""Real-name registration 实名注册 (S1): a person, confirmed by the register, on the record once."""

from dataclasses import dataclass, field
from datetime import datetime

from typing_extensions import override

from backend.foundation.access import Caller
from backend.foundation.audit import (
    PLATFORM,
    Actor,
    ActorKind,
    Deed,
    System,
    in_one_write,
    record,
)
from backend.foundation.mongo import Session
from backend.foundation.permissions import Act, may
from backend.foundation.refusals import Refusal
from backend.residents.face_check import FaceCheck
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
)
from backend.residents.service import Registrant, Registration, Residents
from shared.clock import Clock
from shared.localized_text import LocalizedText

_REGISTERED = LocalizedText("办理实名注册", "registered you by your real name")
_AGAIN = LocalizedText("再次办理实名注册，原有记录未变", "registered you again; nothing changed")


@dataclass(frozen=True, slots=True)
class Application:
    """What a person gives to be registered; `picture` is a live picture of their face, or none."""

    number: str = field(repr=False)
    name: str = field(repr=False)
    phone: str = field(repr=False)
    region: int
    picture: bytes | None = field(repr=False, default=None)


class RealNameRegistration:
    """Registers people, by themselves or at a counter."""

    def __init__(
        self,
        residents: Residents,
        register: PopulationRegister,
        faces: FaceComparison,
        clock: Clock,
    ) -> None:
        self._residents = residents
        self._register = register
        self._faces = faces
        self._clock = clock

    async def apply(self, application: Application) -> Registration | Refusal:
        """Register a person who applies over the network; 二级 where their face is confirmed too.

        The person known here and the one unknown take the same steps and the same commands, so
        that neither answer nor time tells them apart.
        """
        assurance = Assurance.FIRST if application.picture is None else Assurance.SECOND
        return await self._register_as(application, assurance, None)

    async def apply_at_counter(
        self, caller: Caller | None, application: Application
    ) -> Registration | Refusal:
        """Register a person who stands at the counter with their document: 二级."""
        refused = may(caller, Act.RESIDENT_REGISTER)
        if refused is not None:
            return refused
        return await self._register_as(application, Assurance.SECOND, caller)

    async def _register_as(
        self, application: Application, assurance: Assurance, caller: Caller | None
    ) -> Registration | Refusal:
        now = self._clock.now()
        read = self._residents.registrant(
            application.number, application.name, application.phone, now
        )
        if isinstance(read, Refusal):
            return read
        identity, phone = read
        refused = await self._confirm(identity, application.picture)
        if refused is not None:
            return refused
        registrant = Registrant(
            identity, phone, application.region, assurance, Source.POPULATION_REGISTER
        )

        async def act(session: Session) -> Registration:
            done = await self._residents.record(registrant, now, session)
            await record(_deed(done, caller, now), session)
            return done

        return await in_one_write(act)

    async def _confirm(self, identity: Identity, picture: bytes | None) -> Refusal | None:
        number, name = identity.number.value, identity.name
        try:
            answer = await self._register.verify(number, name)
            face = picture is None or await self._faces.compare(number, name, picture)
        except RegisterDown:
            return REGISTER_DOWN
        except FaceCheckDown:
            return FACE_CHECK_DOWN
        # Which of name, number and life is not right is nothing to tell a stranger.
        if answer is not RegisterAnswer.CONFIRMED:
            return IDENTITY_NOT_CONFIRMED
        return None if face else FACE_NOT_CONFIRMED


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


def _deed(done: Registration, caller: Caller | None, now: datetime) -> Deed:
    return Deed(
        at=now,
        actor=caller.actor if caller else Actor(ActorKind.RESIDENT, done.resident_id),
        action="residents.registered_again" if done.existed else "residents.registered",
        words=_AGAIN if done.existed else _REGISTERED,
        system=System.APP if caller is None else System.COUNTER,
        subject=done.resident_id,
        organisation=caller.organisation if caller else PLATFORM,
        disclosed=caller is not None,
    )
