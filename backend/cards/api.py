"""What people's apps ask about cards."""

import base64
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from backend.cards.asking import Asking
from backend.cards.certificates import Issued
from backend.cards.enrolment import Enrolment, EnrolmentRequest
from backend.cards.lifecycle import STATE_WORDS, CardState
from backend.cards.refusals import DEVICE_UNKNOWN
from backend.cards.rules import age_band, refusal_of_device
from backend.cards.service import Cards, PhoneCard
from backend.foundation.access import NOT_DELEGABLE, NOT_PROVEN
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer
from backend.foundation.operations import OperationContext
from backend.foundation.permissions import SIGN_IN_NEEDED
from backend.foundation.refusals import Refusal
from backend.mandates.acting import Acting, MandateUses
from backend.mandates.reach import DELEGABLE
from backend.residents.service import Residents
from shared.ecode.certificate import AgeBand

OperationInfo = Info[OperationContext, None]

strawberry.enum(CardState)
strawberry.enum(AgeBand)


@strawberry.type(name="Region", description="A division by its six digits (GB/T 2260).")
class RegionAnswer:
    """A division."""

    code: int
    name: LocalizedTextAnswer


@strawberry.type(name="CertificateState", description="This phone's last certificate.")
class CertificateState:
    """How long this phone's last certificate holds; over, where it has none yet."""

    not_after: datetime
    renew_after: datetime


@strawberry.type(name="Card", description="The caller's card; names and numbers are masked.")
class CardAnswer:
    """The card that the calling phone speaks for; `id` is random and says nothing of the holder."""

    id: strawberry.ID
    masked_name: str
    masked_number: str
    region: RegionAnswer
    state: CardState
    state_words: LocalizedTextAnswer
    card_number_tail: str
    age_band: AgeBand
    certificate: CertificateState


@strawberry.type(name="IssuedCertificate", description="A certificate for the calling phone.")
class IssuedCertificate:
    """A certificate as base64url of its bytes, and when to ask for the next."""

    certificate: str
    not_before: datetime
    not_after: datetime
    renew_after: datetime


@strawberry.type(name="EnrolledDevice")
class EnrolledDevice:
    """A phone that now speaks for a card."""

    card: CardAnswer
    certificate: IssuedCertificate
    server_time: datetime


@strawberry.type(name="RenewedCertificate")
class RenewedCertificate:
    """A renewed certificate."""

    certificate: IssuedCertificate
    server_time: datetime


@strawberry.input(name="EnrolDeviceInput")
class EnrolDeviceInput:
    """The phone's key is the one that signs the request."""

    idempotency_key: str
    enrolment_code: str
    device_name: str


@strawberry.input(name="RenewCertificateInput")
class RenewCertificateInput:
    """Which request this is, and the certificate that the phone holds.

    As base64url, as it came. It may be left away, or be an older one: it only makes things quicker.
    """

    idempotency_key: str
    held_certificate: str | None = None


CardResult = Annotated[CardAnswer | RefusalAnswer, strawberry.union("CardResult")]
EnrolDeviceResult = Annotated[EnrolledDevice | RefusalAnswer, strawberry.union("EnrolDeviceResult")]
RenewCertificateResult = Annotated[
    RenewedCertificate | RefusalAnswer, strawberry.union("RenewCertificateResult")
]


@strawberry.type
class CardQueries:
    """Questions about the caller's card."""

    @strawberry.field
    async def card(self, info: OperationInfo) -> CardResult:
        """Answer with the caller's card."""
        return await _card_answer(info)


@strawberry.type
class CardMutations:
    """What a phone can do for its card."""

    @strawberry.mutation
    async def enrol_device(
        self,
        info: OperationInfo,
        input: EnrolDeviceInput,  # noqa: A002 - GraphQL's usual name
    ) -> EnrolDeviceResult:
        """Enrol the calling phone."""
        context = info.context
        if context.key is None:
            return RefusalAnswer.of(NOT_PROVEN)
        request = EnrolmentRequest(
            input.idempotency_key, input.enrolment_code, input.device_name, context.address
        )
        issued = await context.services[Enrolment].enrol(request, context.key)
        if isinstance(issued, Refusal):
            return RefusalAnswer.of(issued)
        card = await _card_answer(info)
        if isinstance(card, RefusalAnswer):
            return card
        return EnrolledDevice(
            card=card, certificate=issued_answer(issued), server_time=_now(context)
        )

    @strawberry.mutation
    async def renew_certificate(
        self,
        info: OperationInfo,
        input: RenewCertificateInput,  # noqa: A002 - see above
    ) -> RenewCertificateResult:
        """Renew the calling phone's certificate."""
        context = info.context
        if context.key is None:
            return RefusalAnswer.of(NOT_PROVEN)
        held = _bytes_of(input.held_certificate or "")
        issued = await context.services[Enrolment].renew(input.idempotency_key, context.key, held)
        if isinstance(issued, Refusal):
            return RefusalAnswer.of(issued)
        return RenewedCertificate(certificate=issued_answer(issued), server_time=_now(context))


async def phone_card(info: OperationInfo) -> PhoneCard | Refusal:
    """Return the card of the calling phone, read once an operation, or why there is none."""
    if info.context.key is None:
        return NOT_PROVEN
    if info.context.key.acting_for:
        return NOT_DELEGABLE  # a phone speaks for its own card, never for somebody else's
    card = await known_phone(info)
    if card is None:
        return DEVICE_UNKNOWN
    return refusal_of_device(card.device) or card


async def known_phone(info: OperationInfo) -> PhoneCard | None:
    """Return the card that the calling phone was bound to, whether or not it still may speak."""
    context = info.context
    if context.key is None:
        return None
    loader = context.loader("cards.of_phones", context.services[Cards].of_phones)
    card: PhoneCard | None = await loader.load(context.key.thumbprint)
    return card


async def holder_asking(info: OperationInfo) -> Asking | Refusal:
    """Return who asks: whoever is signed in, else the holder of the card the phone speaks for.

    A request under a mandate asks for its principal, if the mandate has the field's scope.
    """
    context = info.context
    if context.key is None:
        return NOT_PROVEN
    acting = await acting_for(info)
    if isinstance(acting, Refusal):
        return acting
    if acting is not None:
        return await _principal_asking(info, acting)
    caller, card = context.caller, await phone_card(info)
    if caller is not None and caller.resident_id is None:
        return SIGN_IN_NEEDED  # staff ask as the residents they are, on their own phones
    whose = caller.resident_id if caller else None
    if not isinstance(card, Refusal) and whose in {None, card.resident_id}:
        return Asking(card.resident_id, context.key.thumbprint, card.state, context.address)
    if whose is None:
        return card if isinstance(card, Refusal) else DEVICE_UNKNOWN
    state = await context.services[Cards].present_state(whose)
    return Asking(whose, context.key.thumbprint, state, context.address)


async def acting_for(info: OperationInfo) -> Acting | Refusal | None:
    """Return for whom the request acts by the scope of this field, None where for nobody."""
    context = info.context
    if context.key is None or not context.key.acting_for:
        return None
    wanted = DELEGABLE.get(info.field_name)
    if wanted is None:
        return NOT_DELEGABLE
    return await context.services[MandateUses].acting(context.caller, wanted)


async def _principal_asking(info: OperationInfo, acting: Acting) -> Asking:
    context = info.context
    thumbprint = "" if context.key is None else context.key.thumbprint
    state = await context.services[Cards].present_state(acting.principal)
    return Asking(acting.principal, thumbprint, state, context.address, acting)


async def _card_answer(info: OperationInfo) -> CardAnswer | RefusalAnswer:
    card = await phone_card(info)
    if isinstance(card, Refusal):
        return RefusalAnswer.of(card)
    services = info.context.services
    person = await services[Residents].person(card.resident_id)
    name = services[Cards].region_name
    return CardAnswer(
        id=strawberry.ID(card.card_id),
        masked_name=person.masked_name,
        masked_number=person.masked_number,
        region=RegionAnswer(code=card.region, name=LocalizedTextAnswer.of(name)),
        state=card.state,
        state_words=LocalizedTextAnswer.of(STATE_WORDS[card.state]),
        card_number_tail=card.number_tail,
        age_band=age_band(person.birth, _now(info.context)),
        certificate=CertificateState(
            not_after=card.certified_until or _now(info.context),
            renew_after=card.renew_after or _now(info.context),
        ),
    )


def issued_answer(issued: Issued) -> IssuedCertificate:
    """Return a certificate as it goes to its phone."""
    claims = issued.certificate.claims
    return IssuedCertificate(
        certificate=base64.urlsafe_b64encode(issued.certificate.raw).rstrip(b"=").decode(),
        not_before=claims.not_before,
        not_after=claims.not_after,
        renew_after=issued.renew_after,
    )


def _bytes_of(text: str) -> bytes:
    """Return the bytes of a certificate as `issued_answer` writes them; none of anything else."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""


def _now(context: OperationContext) -> datetime:
    return context.clock.now()
