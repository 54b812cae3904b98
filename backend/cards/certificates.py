"""Certificates for phones: the first when a phone is bound, and the next again and again.

A renewal is one conditional write: the idempotency key stands in the very record it guards, so a
repeated request finds the certificate it got the first time, and a card suspended in the meantime
gives none. Its audit row is part of that write (`audit_outbox`). No transaction is needed, and none
is paid for. Where the phone tells which certificate it holds, and what that says stands
(`judgements`), nothing is read before; else the card and its holder are judged first. Renewals that
come at the same time share their round trips (`gathering`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from backend.cards import deeds
from backend.cards import refusals as no
from backend.cards.concession import concession_of
from backend.cards.concessions import Concessions
from backend.cards.concessions import beside as attestations_beside
from backend.cards.decisions import effective_state
from backend.cards.documents import Card
from backend.cards.judgements import judged, stands
from backend.cards.lifecycle import CardState
from backend.cards.policies import EcardPolicies
from backend.cards.policy import EcardAction, EcardPolicy
from backend.cards.rules import (
    CertifiedPhone,
    DeviceState,
    Standing,
    local_midnight,
    may_be_certified,
    next_claims,
    plan_claims,
    plan_paper,
    renew_after,
    stands_until,
)
from backend.figures import CardFigures
from backend.foundation.audit_outbox import AuditOutbox, pushed
from backend.foundation.gathering import AT_ONCE, Gathering
from backend.foundation.idempotency import KEY_FORM, is_key
from backend.foundation.keys import Keys
from backend.foundation.mongo import Session, UpdateOne
from backend.foundation.person_keys import beside as keys_beside
from backend.foundation.refusals import Refusal
from backend.residents.same_person import RECORDS, records_beside
from backend.residents.service import Residents
from backend.residents.standing import beside as residents_beside
from backend.residents.standing import standing_in
from shared.clock import Clock
from shared.ecode.algorithms import Algorithm, PublicKey
from shared.ecode.certificate import Certificate, issue_certificate, parse_certificate
from shared.ecode.layout import Malformed
from shared.wire.request_proof import ProvenKey

_CARD_FIELDS = {
    "resident_id": 1,
    "region": 1,
    "card_index": 1,
    "state": 1,
    "expires_at": 1,
    "facts": 1,
}
_DEVICE_FIELDS = dict.fromkeys(
    (
        f"devices.{name}"
        for name in (
            *("thumbprint", "serial", "algorithm", "public_key", "state"),
            *("renewal_key", "certificate"),
        )
    ),
    1,
)
Row = Mapping[str, Any]
Change = tuple[dict[str, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate, and when its phone should ask for the next.

    Where its holder was judged for it, `stands_until` tells how long that is good for the next.
    """

    certificate: Certificate
    renew_after: datetime
    stands_until: datetime | None = None

    def to_device(self) -> dict[str, Any]:
        """Return the fields of a `Device` that tell of it."""
        return {
            "certified_until": self.certificate.claims.not_after,
            "renew_after": self.renew_after,
            "certificate": self.certificate.raw,
        }

    def to_card(self) -> dict[str, Any]:
        """Return the fields of a `Card` that tell what was judged."""
        if self.stands_until is None:
            return {}
        return judged(self.certificate.claims.device_serial, self.stands_until)


class Certificates:
    """Judges and issues certificates."""

    def __init__(
        self,
        residents: Residents,
        concessions: Concessions,
        policies: EcardPolicies,
        keys: Keys,
        figures: CardFigures,
        outbox: AuditOutbox,
        clock: Clock,
    ) -> None:
        self._outbox = outbox
        self._residents = residents
        self._concessions = concessions
        self._policies = policies
        self._issuers = keys.issuers
        self._figures = figures
        self._clock = clock
        self._reads = Gathering(_of_phones)
        self._writes = Gathering(_written)

    async def first(
        self, card_id: str, serial: int, key: PublicKey, session: Session
    ) -> Issued | Refusal:
        """Return the first certificate of a phone that is bound in this transaction."""
        rows = await _read({"_id": card_id}, {}, session)
        if not rows:
            return no.CARD_UNKNOWN
        return self._judged(rows[0], serial, key, None, await self._policies.present())

    async def represented(
        self, card_id: str, serial: int, key: PublicKey, until: datetime, session: Session
    ) -> Issued | Refusal:
        """Return a certificate for the phone of a delegate 代办人 whose mandate ends at `until`."""
        rows = await _read({"_id": card_id}, {}, session)
        if not rows:
            return no.CARD_UNKNOWN
        policy = await self._policies.present()
        return self._judged(rows[0], serial, key, DeviceState.BOUND, policy, until)

    async def on_paper(
        self, card_id: str, serial: int, key: PublicKey, day: date, session: Session
    ) -> Issued | Refusal:
        """Return the certificate of a code on paper for a local day."""
        rows = await _read({"_id": card_id}, {}, session)
        if not rows:
            return no.CARD_UNKNOWN
        policy = await self._policies.present()
        return self._judged(rows[0], serial, key, DeviceState.BOUND, policy, day=day)

    async def renew(
        self, idempotency_key: str, key: ProvenKey, held: bytes = b""
    ) -> Issued | Refusal:
        """Return a new certificate for the phone that holds `key`, once per request.

        `held` is the certificate that the phone says it has; nothing but speed hangs on it.
        """
        if not is_key(idempotency_key):
            return KEY_FORM
        request = hashlib.sha256(idempotency_key.encode()).digest()
        return await self._unseen(request, key, held) or await self._afresh(request, key)

    async def _unseen(self, request: bytes, key: ProvenKey, held: bytes) -> Issued | None:
        """Renew without a look at card and holder; None where they have to be looked at."""
        policy, now = await self._policies.present(), self._clock.now()
        known = _certificate_of(key, held)
        if known is None or policy.refusal(CardState.ACTIVE, EcardAction.RENEW_CERTIFICATE):
            return None
        issuer = self._issuers.at(now)
        claims = next_claims(known.claims, issuer.key_id, self._figures, now)
        issued = self.issued(issue_certificate(claims, issuer.key))
        condition = stands(known, key.thumbprint, request, claims.not_after)
        if not await self._writes.answer((condition, self._renewed(issued, request))):
            return None
        self._outbox.wake()
        return issued

    async def _afresh(self, request: bytes, key: ProvenKey) -> Issued | Refusal:
        while True:
            found = await self._reads.answer(key.thumbprint)
            if found is None:
                return no.DEVICE_UNKNOWN
            row, device = found
            if device.get("renewal_key") == request:
                return self.issued(parse_certificate(device["certificate"]))
            issued = await self._next(row, device)
            if isinstance(issued, Refusal):
                return issued
            change = self._renewed(issued, request)
            if await self._writes.answer((_as_judged(row, device), change)):
                self._outbox.wake()
                return issued
            # The card or the phone changed since it was judged, or the same request came twice; or
            # one of those it was written with did. What is stored now tells which.

    def issued(self, certificate: Certificate) -> Issued:
        """Return a certificate of ours with the time of its renewal."""
        claims = certificate.claims
        after = renew_after(claims.not_before, claims.not_after, self._figures)
        return Issued(certificate, after)

    def _renewed(self, issued: Issued, request: bytes) -> dict[str, Any]:
        """Return the write of a renewal, with what records it."""
        phone = {**issued.to_device(), "renewal_key": request}
        fields = {f"devices.$.{name}": value for name, value in phone.items()} | issued.to_card()
        return {"$set": fields} | pushed(deeds.of_renewal(self._clock.now()))

    async def _next(self, row: Mapping[str, Any], device: Mapping[str, Any]) -> Issued | Refusal:
        public = PublicKey(Algorithm(device["algorithm"]), device["public_key"])
        state, policy = DeviceState(device["state"]), await self._policies.present()
        return self._judged(row, device["serial"], public, state, policy)

    def _judged(
        self,
        row: Mapping[str, Any],
        serial: int,
        key: PublicKey,
        device: DeviceState | None,
        policy: EcardPolicy,
        represented_until: datetime | None = None,
        day: date | None = None,
    ) -> Issued | Refusal:
        """Return a certificate for a phone in state `device` (None: one being bound now)."""
        now, expires_at = self._clock.now(), row.get("expires_at")
        person = standing_in(row, self._residents)
        state = effective_state(CardState(row["state"]), expires_at, now)
        refused = may_be_certified(Standing(state, person.present, device), policy)
        if refused is not None:
            return refused
        issuer = self._issuers.at(now)
        phone = CertifiedPhone(row["region"], issuer.key_id, row["card_index"], serial, key)
        words = self._concessions.words_in(row)
        if day is not None:
            shown = concession_of(person.birth, words, local_midnight(day))
            return self.issued(issue_certificate(plan_paper(phone, shown, day), issuer.key))
        concession = concession_of(person.birth, words, now)
        claims = plan_claims(phone, concession, expires_at, self._figures, now, represented_until)
        issued = self.issued(issue_certificate(claims, issuer.key))
        return replace(issued, stands_until=stands_until(concession, expires_at, now))


async def _read(wanted: Row, more: Row, session: Session | None = None) -> list[Row]:
    """Read cards, their holders, their keys and what is attested about them, in one round trip.

    As a command, whose first batch has room for all that are asked for at once: the driver's cursor
    costs a renewal more than what it reads.
    """
    cards = Card.get_pymongo_collection()
    stages = [
        {"$match": wanted},
        {"$project": {**_CARD_FIELDS, **more}},
        *records_beside("resident_id"),
        keys_beside(RECORDS),
        residents_beside(),
        attestations_beside(),
    ]
    answer = await cards.database.command(
        {"aggregate": cards.name, "pipeline": stages, "cursor": {"batchSize": AT_ONCE + 1}},
        codec_options=cards.codec_options,
        session=session,
    )
    rows: list[Row] = answer["cursor"]["firstBatch"]
    return rows


async def _of_phones(thumbprints: Sequence[str]) -> list[tuple[Row, Row] | None]:
    """Return cards as `_read` does, with that phone of each whose key it is."""
    rows = await _read({"devices.thumbprint": {"$in": list(set(thumbprints))}}, _DEVICE_FIELDS)
    found = {device["thumbprint"]: (row, device) for row in rows for device in row["devices"]}
    return [found.get(thumbprint) for thumbprint in thumbprints]


async def _written(changes: Sequence[Change]) -> list[bool]:
    """Do changes, each under its condition; tell of all that they were done, or of none.

    The store counts how many were; where it is not all, each asks anew what is stored by then.
    """
    cards = Card.get_pymongo_collection()
    if len(changes) == 1:
        [(as_judged, change)] = changes
        return [(await cards.update_one(as_judged, change)).matched_count == 1]
    done = await cards.bulk_write([UpdateOne(*one) for one in changes], ordered=False)
    return [done.matched_count == len(changes)] * len(changes)


def _as_judged(card: Mapping[str, Any], device: Mapping[str, Any]) -> dict[str, Any]:
    """Match the card and the phone only while they and their holder are as they were judged."""
    phone = {
        "thumbprint": device["thumbprint"],
        "state": device["state"],
        "renewal_key": device.get("renewal_key"),
    }
    return {
        "_id": card["_id"],
        "state": card["state"],
        "facts": card.get("facts"),
        "devices": {"$elemMatch": phone},
    }


def _certificate_of(key: ProvenKey, held: bytes) -> Certificate | None:
    """Return the certificate that a phone says it holds, None where it is not its own."""
    try:
        known = parse_certificate(held)
    except Malformed:
        return None
    return known if known.claims.device_key == key.public else None
