"""Terminals: inviting one by a one-time token, enrolling its key, telling it how it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from backend.foundation import audit
from backend.foundation.audit import OPERATOR, Actor, ActorKind, Deed, System
from backend.foundation.keys import LIST_KEY_ID, Keys
from backend.foundation.mongo import DuplicateKeyError, ReturnDocument, Session
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.readers.documents import Terminal, TerminalState
from backend.readers.fleet_rules import TerminalRole
from backend.readers.rules import (
    TERMINAL_FORM,
    TERMINAL_KEY_IN_USE,
    TOKEN_USED,
    TOKEN_VALID,
    TOKEN_WRONG,
    VENUE_UNKNOWN,
    is_plain_name,
)
from backend.venues.service import Venues
from shared.clock import Clock
from shared.ecode.algorithms import InvalidKey, PublicKey
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText
from shared.wire.enrolment import EnrolmentCode, TerminalEnrolment
from shared.wire.request_proof import thumbprint
from shared.wire.terminal_standing import (
    TerminalStanding,
    key_number,
    sign_terminal_standing,
)

STANDING_VALID = timedelta(days=7)
_KNOWN = dict.fromkeys(("venue_number", "blocked", "standing_at", "role", "wipe.order"), 1)
_BESIDE = "terminal"
_RESTS_SECONDS = 2.0
_INVITING = "readers.invited_by_request"
_VENUE_KEY_PURPOSE = "readers.venue_key"
_TOKEN_PURPOSE = "readers.terminal_token"  # noqa: S105 - names a use of the index key
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TerminalRequest:
    """What a terminal sends to be enrolled; `host` is what it calls itself."""

    token: str
    public_key: str
    host: str
    version: str


@dataclass(frozen=True, slots=True)
class TerminalFacts:
    """A known terminal; `standing_at` is when `blocked` or `wipe_order` last changed."""

    terminal_id: str
    venue_number: int
    blocked: bool = False
    standing_at: datetime | None = None
    role: TerminalRole = TerminalRole.STAFFED
    wipe_order: str | None = None


class Terminals:
    """The register of terminals."""

    def __init__(
        self, venues: Venues, keys: Keys, sealer: Sealer, region: int, clock: Clock
    ) -> None:
        self._venues = venues
        self._keys = keys
        self._sealer = sealer
        self._region = region
        self._clock = clock
        self._lately: dict[str, tuple[float, TerminalFacts]] = {}

    async def invite(self, venue_number: int, name: str, now: datetime) -> str | Refusal:
        """Return a token with which one terminal can enrol at a venue, once, within 24 hours."""
        token, what = random_identifier("tok"), (venue_number, name, TerminalRole.STAFFED)

        async def act(session: Session) -> Refusal | None:
            return await self.put_invited(what, token, OPERATOR, now, session)

        return await audit.in_one_write(act) or token

    async def put_invited(
        self,
        what: tuple[int, str, TerminalRole],
        token: str,
        by: Actor,
        now: datetime,
        session: Session,
    ) -> Refusal | None:
        """Note that whoever has `token` may enrol a reader; `what` is venue, name and role."""
        venue_number, name, role = what
        if not is_plain_name(name):
            return TERMINAL_FORM
        if await self._venues.facts(venue_number) is None:
            return VENUE_UNKNOWN
        terminal = Terminal(
            id=random_identifier("trm"),
            venue_number=venue_number,
            name=name,
            state=TerminalState.INVITED,
            token_hash=self._token_hash(token),
            token_expires_at=now + TOKEN_VALID,
            role=role,
        )
        await terminal.insert(session=session)
        await audit.record(_invited(by, now), session)
        return None

    def token_of(self, caller: str, key: str) -> str:
        """Return the token that one request makes: the same for the same key, told by no store."""
        made = self._sealer.blind_index(f"{caller}\0{key}", purpose=_INVITING)
        return f"tok_{made.hex()[:40]}"

    def code(self, address: str, token: str) -> EnrolmentCode:
        """Return what a reader needs to enrol: where, with what, and whom to trust.

        Raises:
            InvalidEnrolment: the address has a wrong form.
        """
        return EnrolmentCode(address, token, thumbprint(self._keys.root.public))

    async def enrol(self, request: TerminalRequest, now: datetime) -> TerminalEnrolment | Refusal:
        """Enrol a terminal's key; the same token and key again get the same answer."""
        if not (is_plain_name(request.host) and is_plain_name(request.version)):
            return TERMINAL_FORM
        try:
            jkt = thumbprint(PublicKey.of_pem(request.public_key))
        except (InvalidKey, UnicodeEncodeError):
            return TERMINAL_FORM
        token_hash = self._token_hash(request.token)
        invited = {
            "token_hash": token_hash,
            "state": TerminalState.INVITED,
            "token_expires_at": {"$gt": now},
        }
        change = {
            "state": TerminalState.ENROLLED,
            "thumbprint": jkt,
            "host": request.host,
            "version": request.version,
            "enrolled_at": now,
            "heartbeat_at": now,
        }
        try:
            terminal = await audit.in_one_write(partial(_claim, invited, change))
        except DuplicateKeyError:
            return TERMINAL_KEY_IN_USE
        if terminal is None:
            collection = Terminal.get_pymongo_collection()
            terminal = await collection.find_one({"token_hash": token_hash})
            if terminal is None or terminal["state"] == TerminalState.INVITED:
                return TOKEN_WRONG
            if terminal["thumbprint"] != jkt:
                return TOKEN_USED
        return self._answer(terminal)

    async def of_key(self, jkt: str) -> TerminalFacts | None:
        """Return the terminal that holds a key."""
        return await _enrolled_one({"thumbprint": jkt})

    async def of_key_lately(self, jkt: str) -> TerminalFacts | None:
        """Return the terminal that holds a key as it was within two seconds.

        Whoever acts on that asks `again`, or reads `beside` what they read anyhow.
        """
        now, kept = self._clock.monotonic(), self._lately.get(jkt)
        if kept is not None and now - kept[0] < _RESTS_SECONDS:
            return kept[1]
        found = await self.of_key(jkt)
        self._lately.pop(jkt, None)
        if found is not None:
            self._lately[jkt] = now, found
        return found

    async def again(self, terminal_id: str) -> TerminalFacts | None:
        """Return a terminal as it is this moment, None of one that is no longer enrolled."""
        return await _enrolled_one({"_id": terminal_id})

    def beside(self, terminal_id: str) -> Row:
        """Return the stage of an aggregation that puts a terminal beside each row."""
        wanted = {"_id": terminal_id, "state": TerminalState.ENROLLED}
        return {
            "$lookup": {
                "from": Terminal.get_collection_name(),
                "pipeline": [{"$match": wanted}, {"$project": _KNOWN}],
                "as": _BESIDE,
            }
        }

    def in_row(self, row: Row) -> TerminalFacts | None:
        """Return the terminal that `beside` put into a row, as `again` does."""
        return next(map(_facts, row[_BESIDE]), None)

    def standing(self, terminal: TerminalFacts, now: datetime) -> str:
        """Return the answer to a heartbeat, signed; the same within an hour while nothing changes.

        It is dated no earlier than the last change, so that an answer of before does not come back.
        """
        hour = now.replace(minute=0, second=0, microsecond=0)
        issued_at = max(hour, terminal.standing_at or hour)
        shut_out = terminal.blocked or terminal.wipe_order is not None
        standing = TerminalStanding(
            terminal.terminal_id,
            terminal.blocked,
            issued_at,
            issued_at + STANDING_VALID,
            terminal.wipe_order,
            self._keys.journals.public_key().public_bytes_raw(),
            {} if shut_out else self._venue_keys(terminal.venue_number, issued_at),
        )
        return sign_terminal_standing(standing, self._keys.lists, LIST_KEY_ID)

    def _venue_keys(self, venue_number: int, issued_at: datetime) -> dict[int, bytes]:
        """Return the keys of a venue's readers for as long as a standing is good.

        A reader that was blocked is left behind with the week.
        """
        first = key_number(issued_at)
        return {
            number: self._sealer.blind_index(f"{venue_number}:{number}", purpose=_VENUE_KEY_PURPOSE)
            for number in (first, first + 1)
        }

    def _answer(self, terminal: dict[str, Any]) -> TerminalEnrolment:
        return TerminalEnrolment(
            terminal_id=terminal["_id"],
            venue_number=terminal["venue_number"],
            list_region=self._region,
            list_key_id=LIST_KEY_ID,
            root_key=self._keys.root.public,
        )

    def _token_hash(self, token: str) -> bytes:
        return self._sealer.blind_index(token, purpose=_TOKEN_PURPOSE)


async def _enrolled_one(wanted: Row) -> TerminalFacts | None:
    found = await Terminal.get_pymongo_collection().find_one(
        {**wanted, "state": TerminalState.ENROLLED}, _KNOWN
    )
    return None if found is None else _facts(found)


def _facts(row: Row) -> TerminalFacts:
    return TerminalFacts(
        row["_id"],
        row["venue_number"],
        row.get("blocked", False),
        row.get("standing_at"),
        TerminalRole(row.get("role", TerminalRole.STAFFED)),
        row.get("wipe", {}).get("order"),
    )


async def _claim(
    invited: Mapping[str, Any], change: Mapping[str, Any], session: Session
) -> dict[str, Any] | None:
    """Enrol the invited terminal and record it; None where there is none."""
    terminal = await Terminal.get_pymongo_collection().find_one_and_update(
        invited, {"$set": change}, return_document=ReturnDocument.AFTER, session=session
    )
    if terminal is not None:
        await audit.record(_enrolled(terminal["_id"], change["enrolled_at"]), session)
    return terminal


def _invited(by: Actor, now: datetime) -> Deed:
    words = LocalizedText("生成了终端注册口令", "Made a token for a terminal")
    return Deed(now, by, "readers.terminal_invited", words, System.BATCH)


def _enrolled(terminal_id: str, now: datetime) -> Deed:
    words = LocalizedText("终端完成注册", "A terminal enrolled")
    actor = Actor(ActorKind.TERMINAL, terminal_id)
    return Deed(now, actor, "readers.terminal_enrolled", words, System.READER)
