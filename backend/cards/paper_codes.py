"""Codes on paper 纸质当日码 for people without a phone: made, listed and revoked.

The key that signs the one proof of a sheet is made here and forgotten with the request, so that
nobody can sign a second. What the sheet shows is kept sealed for a request that is repeated, which
gets the same sheet. A print voids the one before of the same day. A delegate 代办人 who may show
the code may print it, sees and voids what they printed, and no longer than their mandate lasts.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from backend.cards import deeds
from backend.cards import refusals as no
from backend.cards.asking import Asking
from backend.cards.card_writes import cards_of
from backend.cards.certificates import Certificates
from backend.cards.documents import Card, PaperCode, PaperMaker
from backend.cards.lifecycle import LIVE
from backend.cards.paper_register import free_serial, live_among, stop_papers
from backend.cards.rules import refusal_of_paper
from backend.figures import CardFigures
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed
from backend.foundation.idempotency import KEY_FORM, KEY_REUSED, Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.person_keys import sealer_of
from backend.foundation.refusals import Refusal
from backend.foundation.refused_acts import RefusedActs
from backend.foundation.sealing import Sealer
from backend.mandates.acting import Acting, record_act
from backend.mandates.documents import StoredCode
from backend.mandates.representing import keep_code, until_shown
from backend.residents.rules import RESIDENT_UNKNOWN
from backend.residents.same_person import same_person
from backend.residents.service import Residents
from backend.residents.standing import status_of
from shared.clock import Clock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.digits import to_digits
from shared.ecode.layout import CHALLENGE_BYTES
from shared.ecode.proof import counter_at, present
from shared.identifiers import is_identifier, random_identifier
from shared.identity.age import local_day

_COLLECTION, _SEALED = "paper_codes", "code_sealed"
_MADE, _REVOKED = "cards.paper_code_made", "cards.paper_code_revoked"
_LISTED = 20


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """One code on paper as its holder sees it; `over` once its day is."""

    id: str
    day: date
    made_at: datetime
    made_by: PaperMaker
    ends_at: datetime
    live: bool
    over: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed: the code's digits, and what people read on the sheet, masked."""

    facts: PaperFacts
    digits: str = field(repr=False)
    masked_name: str
    number_tail: str


@dataclass(frozen=True, slots=True)
class _By:
    """Who asks, with which key, and how what they do is recorded."""

    key: str
    made_by: PaperMaker
    deed: Callable[[str, Any, datetime], Deed]
    acting: Acting | None = None


class PaperCodes:
    """Puts codes on paper for holders, those who act for them, and clerks."""

    def __init__(
        self,
        certificates: Certificates,
        residents: Residents,
        once: Once,
        refused: RefusedActs,
        sealer: Sealer,
        figures: CardFigures,
        clock: Clock,
    ) -> None:
        self._certificates = certificates
        self._residents = residents
        self._once = once
        self._refused = refused
        self._sealer = sealer
        self._figures = figures
        self._clock = clock

    async def make(self, asking: Asking, idempotency_key: str, day: date) -> Sheet | Refusal:
        """Put the asking holder's code on paper for a local day, once per request."""
        return await self._make(_by_holder(asking), asking.resident_id, idempotency_key, day)

    async def make_at_counter(
        self,
        caller: Caller | None,
        idempotency_key: str,
        resident_id: str,
        day: date,
        *,
        document_checked: bool,
    ) -> Sheet | Refusal:
        """Do so for whoever stands at an outlet's counter and was compared with their document."""
        denied = may(caller, Act.CARD_SERVE)
        if caller is None:
            return SIGN_IN_NEEDED
        known = is_identifier(resident_id) and await status_of(resident_id) is not None
        if denied is None and not known:
            denied = RESIDENT_UNKNOWN
        if denied is None and not document_checked:
            denied = no.DOCUMENT_UNCHECKED
        if denied is not None:
            about, result = resident_id if known else None, audit.refused(denied)
            deed = deeds.of_caller(
                caller, _MADE, deeds.PAPER_MADE, about, self._clock.now(), result
            )
            await self._refused.record(deed)
            return denied
        return await self._make(_by_clerk(caller, resident_id), resident_id, idempotency_key, day)

    async def of(self, asking: Asking) -> list[PaperFacts]:
        """Return a holder's codes on paper, the latest first."""
        people = await same_person(asking.resident_id)
        found = PaperCode.find({"resident_id": {"$in": people}, **_theirs(asking.acting)})
        return await self._facts(await found.sort("-made_at").limit(_LISTED).to_list())

    async def revoke(
        self, asking: Asking, idempotency_key: str, paper_id: str
    ) -> PaperFacts | Refusal:
        """Let no reader take a paper any more; the next status list names it."""
        by = _by_holder(asking)

        async def act(session: Session) -> Answer | Refusal:
            paper = await self._own(asking, paper_id, session)
            if paper is None:
                return no.PAPER_UNKNOWN
            now = self._clock.now()
            if await stop_papers({"_id": paper.id, "live": True}, now, session):
                deed = by.deed(_REVOKED, deeds.PAPER_REVOKED, now)
                refused = await record_act(deed, by.acting, session)
                if refused is not None:
                    return refused
            return {"paper": paper.id}

        request = {"act": "revoke paper", "paper": paper_id, "of": asking.resident_id}
        answer = await self._performed(by.key, idempotency_key, request, act)
        if isinstance(answer, Refusal):
            return answer
        paper = await PaperCode.get(answer["paper"])
        return no.PAPER_UNKNOWN if paper is None else (await self._facts([paper]))[0]

    async def _make(
        self, by: _By, resident_id: str, idempotency_key: str, day: date
    ) -> Sheet | Refusal:
        async def act(session: Session) -> Answer | Refusal:
            card = await _live_card(resident_id, session)
            if isinstance(card, Refusal):
                return card
            made = await self._put_on_paper(by, card, day, session)
            return made if isinstance(made, Refusal) else {"paper": made}

        request = {"act": "make paper", "day": day.isoformat(), "of": resident_id}
        answer = await self._performed(by.key, idempotency_key, request, act)
        if isinstance(answer, Refusal):
            await self._record_refusal(by, answer)
            return answer
        paper = await PaperCode.get(answer["paper"])
        return no.PAPER_UNKNOWN if paper is None else await self._sheet(paper)

    async def _put_on_paper(
        self, by: _By, card: Card, day: date, session: Session
    ) -> str | Refusal:
        """Sign the one proof of a new paper and store it in the place of the one before."""
        now, papers = self._clock.now(), PaperCode.get_pymongo_collection()
        same_day = {"card_id": card.id, "day": day.isoformat()}
        printed = await papers.count_documents(same_day, session=session)
        refused = refusal_of_paper(day, local_day(now), printed, self._figures)
        if refused is not None:
            return refused
        key = SoftwareKey.generate(Algorithm.ED25519)
        serial = await free_serial(card.card_index, session)
        issued = await self._certificates.on_paper(card.id, serial, key.public, day, session)
        if isinstance(issued, Refusal):
            return issued
        ends_at = issued.certificate.claims.not_after
        issued_at = int(now.timestamp())
        code = present(
            issued.certificate,
            key,
            issued_at=issued_at,
            counter=counter_at(issued_at),
            challenge=secrets.token_bytes(CHALLENGE_BYTES),
        )
        paper_id = random_identifier("pap")
        own = await sealer_of(self._sealer, card.resident_id, session)
        paper = PaperCode(
            id=paper_id,
            resident_id=card.resident_id,
            card_id=card.id,
            card_index=card.card_index,
            serial=serial,
            algorithm=key.public.algorithm,
            public_key=key.public.raw,
            day=day.isoformat(),
            made_at=now,
            made_by=by.made_by,
            mandate=None if by.acting is None else by.acting.mandate,
            ends_at=ends_at,
            code_sealed=own.seal(
                to_digits(code), collection=_COLLECTION, field=_SEALED, document=paper_id
            ),
        )
        await stop_papers({**same_day, "live": True}, now, session)
        await paper.insert(session=session)
        if by.acting is not None and (refused := await _kept(by.acting, paper, session)):
            return refused
        deed = by.deed(_MADE, deeds.PAPER_MADE, now)
        return await record_act(deed, by.acting, session) or paper_id

    async def _sheet(self, paper: PaperCode) -> Sheet | Refusal:
        card = await Card.get(paper.card_id)
        [facts] = await self._facts([paper])
        if card is None or not facts.live:
            return no.PAPER_UNKNOWN
        own = await sealer_of(self._sealer, paper.resident_id)
        digits = own.open(
            paper.code_sealed, collection=_COLLECTION, field=_SEALED, document=paper.id
        )
        person = await self._residents.person(paper.resident_id)
        return Sheet(facts, digits, person.masked_name, card.number_tail)

    async def _own(self, asking: Asking, paper_id: str, session: Session) -> PaperCode | None:
        if not is_identifier(paper_id):
            return None
        people = await same_person(asking.resident_id, session)
        return await PaperCode.find_one(
            {"_id": paper_id, "resident_id": {"$in": people}, **_theirs(asking.acting)},
            session=session,
        )

    async def _facts(self, papers: Sequence[PaperCode]) -> list[PaperFacts]:
        live, now = await live_among(papers), self._clock.now()
        return [
            PaperFacts(
                id=one.id,
                day=date.fromisoformat(one.day),
                made_at=one.made_at,
                made_by=one.made_by,
                ends_at=one.ends_at,
                live=one.id in live,
                over=now >= one.ends_at,
            )
            for one in papers
        ]

    async def _performed(
        self,
        caller: str,
        idempotency_key: str,
        request: Mapping[str, str],
        act: Callable[[Session], Awaitable[Answer | Refusal]],
    ) -> Answer | Refusal:
        return await self._once.perform(
            caller=caller, key=idempotency_key, request=request, now=self._clock.now(), act=act
        )

    async def _record_refusal(self, by: _By, why: Refusal) -> None:
        if why in (KEY_FORM, KEY_REUSED) or by.acting is not None:
            return
        deed = by.deed(_MADE, deeds.PAPER_MADE, self._clock.now())
        await self._refused.record(deeds.refused_deed(deed, why))


def _by_holder(asking: Asking) -> _By:
    made_by = PaperMaker.HOLDER if asking.acting is None else PaperMaker.DELEGATE
    return _By(
        asking.thumbprint,
        made_by,
        lambda action, words, at: deeds.of_phone(
            action, words, asking.resident_id, at, origin=asking.origin
        ),
        asking.acting,
    )


def _by_clerk(caller: Caller, resident_id: str) -> _By:
    return _By(
        caller.staff_id or caller.thumbprint,
        PaperMaker.OUTLET,
        lambda action, words, at: deeds.of_caller(caller, action, words, resident_id, at),
    )


async def _live_card(resident_id: str, session: Session) -> Card | Refusal:
    known = await cards_of(resident_id, session)
    return known[-1] if known and known[-1].state in LIVE else no.NO_CARD


def _theirs(acting: Acting | None) -> dict[str, str]:
    """Match what somebody sees of a card's papers: no delegate sees another's (D25)."""
    return {} if acting is None else {"mandate": acting.mandate}


async def _kept(acting: Acting, paper: PaperCode, session: Session) -> Refusal | None:
    """Note a paper among the codes of the mandate that it was made under."""
    until = await until_shown(acting.mandate, session)
    if until is not None and until < paper.ends_at:
        return no.PAPER_PAST_MANDATE
    code = StoredCode(
        card_index=paper.card_index,
        serial=paper.serial,
        thumbprint=paper.id,
        algorithm=paper.algorithm,
        public_key=paper.public_key,
        certified_until=paper.ends_at,
    )
    await keep_code(acting.mandate, code, paper.made_at, session)
    return None
