"""The audit log: one row a deed, written in the same transaction as the act, and never changed.

A row says who did what, for whom, from where, when and how it ended, in words that the person
concerned can read (S118). It never holds a value: no number, no name, no phone (L32). Rows are only
ever inserted; `audit_chain` links them afterwards, so that a changed row is found.

Rows about a person are kept without an end: network logs must be kept six months at least (L16),
and nothing here deletes them. Where somebody was stands in scans, which have an end of their own.
"""

import base64
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar, TypeVar

from beanie import Document
from pymongo import ASCENDING, DESCENDING, IndexModel

from backend.foundation.households import of_same_household
from backend.foundation.mongo import BulkWriteError, DuplicateKeyError, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.refusals import Refusal, refusal
from shared.identifiers import random_identifier
from shared.identity.id_number import check_character
from shared.localized_text import LocalizedText

OK = "ok"
MAX_REASON = 200
_DUPLICATE = 11000
# Ids and hashes are made of letters and digits too: a number inside one is none.
_CITIZEN_NUMBER = re.compile(r"(?<![0-9A-Za-z_])[0-9]{17}[0-9Xx](?![0-9A-Za-z_])")
_PHONE = re.compile(r"(?<![0-9A-Za-z_])(?:\+?86[- ]?)?1[3-9][0-9]{9}(?![0-9A-Za-z_])")
Answer = TypeVar("Answer")

REASON_FORM = refusal(
    "audit_reason_form",
    (
        "事由应为1至200个字，且不含证件号码和手机号码。",
        "A reason has 1 to 200 characters and no citizen number or phone number.",
    ),
    ("请改写事由。", "Write the reason differently."),
)


class ActorKind(StrEnum):
    """What kind of somebody did it."""

    RESIDENT = "resident"
    STAFF = "staff"
    TERMINAL = "terminal"
    SYSTEM = "system"


class System(StrEnum):
    """Where it was done; `receiverSystem` of the data tracker."""

    APP = "app"
    COUNTER = "counter"
    READER = "reader"
    BATCH = "batch"
    EXCHANGE = "exchange"  # 数据共享: another system asked under an agreement


class Alert(StrEnum):
    """What a row calls the security officer's attention to."""

    OWN_HOUSEHOLD = "own_household"  # staff read a person of their own household (L31)


class PersonalDataInRow(ValueError):
    """A deed's words hold a citizen number or a phone number; nothing was written."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, by the id this house knows them by."""

    kind: ActorKind
    id: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """For whom the actor acts; `code` is stable."""

    code: str
    name: LocalizedText


PLATFORM = Organisation("platform", LocalizedText("一卡通平台", "City card platform"))
OPERATOR = Actor(ActorKind.SYSTEM, "operator")
"""Whoever runs commands on the server itself."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One deed.

    Args:
        at: the present instant.
        actor: who did it.
        action: a stable code, `area.deed`, e.g. `cards.device_enrolled`.
        words: what was done, in plain language, as the person concerned reads it.
        system: where it was done.
        subject: the resident concerned, where there is one.
        organisation: for whom the actor acts.
        result: `OK`, or `refused:<code>` (see `refused`).
        reason: why a value was unmasked and the like; read it with `reason_of` first.
        origin: from where: a network address, an outlet, a terminal.
        disclosed: whether the subject finds it in "who used my data"; false for their own routine.
        alert: what the security officer should look at.
        mandate: under which mandate the actor acted for the subject 代办, where they did.
    """

    at: datetime
    actor: Actor
    action: str
    words: LocalizedText
    system: System
    subject: str | None = None
    organisation: Organisation = PLATFORM
    result: str = OK
    reason: str = ""
    origin: str = ""
    disclosed: bool = True
    alert: Alert | None = None
    mandate: str | None = None


class AuditRow(Document):
    """A deed as it is stored; only inserted, never updated or deleted."""

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    at: datetime
    actor: dict[str, str]
    action: str
    words: dict[str, str]
    system: str
    organisation: dict[str, Any]
    result: str
    disclosed: bool
    subject: str | None = None
    reason: str | None = None
    origin: str | None = None
    alert: str | None = None
    mandate: str | None = None

    class Settings:
        """Where it is stored."""

        name = "audit_rows"
        indexes: ClassVar = [
            IndexModel(
                [
                    ("subject", ASCENDING),
                    ("disclosed", ASCENDING),
                    ("at", DESCENDING),
                    ("_id", DESCENDING),
                ],
                name="of_subject",
                partialFilterExpression={"subject": {"$exists": True}},
            ),
            IndexModel(
                [("alert", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)],
                name="alerts",
                partialFilterExpression={"alert": {"$exists": True}},
            ),
            IndexModel(
                [("mandate", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)],
                name="of_mandate",
                partialFilterExpression={"mandate": {"$exists": True}},
            ),
            # What auditors ask for: all, an actor's, one kind of deed.
            IndexModel([("at", DESCENDING), ("_id", DESCENDING)], name="newest"),
            IndexModel(
                [("actor.id", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)],
                name="of_actor",
            ),
            IndexModel(
                [("action", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)],
                name="of_action",
            ),
        ]


async def record(deed: Deed, session: Session) -> str:
    """Write a deed's row in the transaction of `session`, with the act or not at all.

    Returns the row's id.

    Raises:
        PersonalDataInRow: its words hold a citizen number or a phone number.
    """
    row = row_of(deed)
    await AuditRow.get_pymongo_collection().insert_one(row, session=session)
    return str(row["_id"])


async def record_all(deeds: Sequence[Deed], session: Session) -> None:
    """Write the rows of several deeds in the transaction of `session`, in one round trip.

    Raises:
        PersonalDataInRow: words of one hold a citizen number or a phone number; none was written.
    """
    rows = [row_of(deed) for deed in deeds]
    await AuditRow.get_pymongo_collection().insert_many(rows, session=session)


async def record_read(deed: Deed, session: Session | None = None) -> None:
    """Write the row of a read, or of a refused act; call it before the answer leaves.

    Where staff read a person of their own household, a second row alerts the security officer
    (L31); the person read finds the read in their list and not the suspicion.

    Raises:
        PersonalDataInRow: its words hold a citizen number or a phone number.
    """
    await record_reads([deed], session)


async def record_reads(deeds: Sequence[Deed], session: Session | None = None) -> None:
    """Write the rows of one actor's reads of several people, as `record_read` does, in one write.

    Raises:
        PersonalDataInRow: the words hold a citizen number or a phone number.
    """
    if not deeds:
        return
    rows = [row_of(deed) for deed in deeds]
    actor = deeds[0].actor
    if actor.kind is ActorKind.STAFF:
        subjects = [deed.subject for deed in deeds if deed.subject]
        own = await of_same_household(actor.id, subjects, session) if subjects else frozenset()
        rows += [row_of(_suspicion(deed)) for deed in deeds if deed.subject in own]
    await AuditRow.get_pymongo_collection().insert_many(rows, ordered=True, session=session)


def _suspicion(deed: Deed) -> Deed:
    words = LocalizedText(
        "工作人员查阅了本人或家庭成员", "Staff read themselves or their household"
    )
    return replace(
        deed,
        action="audit.own_household",
        words=words,
        disclosed=False,
        alert=Alert.OWN_HOUSEHOLD,
    )


async def alerts(kind: Alert, first: int, after: Position | None) -> Page[Mapping[str, Any]]:
    """Return a page of the rows that raised an alert, newest first."""
    wanted: dict[str, Any] = {"alert": kind.value}
    if after is not None:
        wanted["at"] = {"$lte": after.at}
        wanted["$or"] = [{"at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}]
    order = [("at", DESCENDING), ("_id", DESCENDING)]
    found = AuditRow.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
    return cut_page(await found.to_list(), first)


async def record_once(deed: Deed, key: str) -> str:
    """Write a deed's row, before its answer leaves, unless one of the same `key` stands.

    Returns the row's id.

    Raises:
        PersonalDataInRow: its words hold a citizen number or a phone number.
    """
    row = _row_once(deed, key)
    with suppress(DuplicateKeyError):  # written the first time
        await AuditRow.get_pymongo_collection().insert_one(row)
    return str(row["_id"])


async def record_each_once(deeds: Sequence[Deed], key: str) -> None:
    """Write a row for each subject, in one write, but for those who have one of the same `key`.

    Raises:
        PersonalDataInRow: words of one hold a citizen number or a phone number; none was written.
    """
    rows = [_row_once(deed, f"{key}\0{deed.subject}") for deed in deeds]
    try:
        await AuditRow.get_pymongo_collection().insert_many(rows, ordered=False)
    except BulkWriteError as error:
        if any(one["code"] != _DUPLICATE for one in error.details["writeErrors"]):
            raise


def _row_once(deed: Deed, key: str) -> dict[str, Any]:
    digest = hashlib.sha256(f"{deed.action}\0{key}".encode()).digest()[:20]
    return row_of(deed) | {"_id": f"aud_{base64.b32encode(digest).decode().lower()}"}


async def in_one_write(act: Callable[[Session], Awaitable[Answer]]) -> Answer:
    """Do `act` and what it records in one transaction; a refusal it returns undoes both.

    For acts without an idempotency key; those with one have `Once.perform`. `act` may be called
    again where the store asks for it.
    """

    async def transact(session: Session) -> Answer:
        answer = await act(session)
        if isinstance(answer, Refusal):
            await session.abort_transaction()
        return answer

    client = AuditRow.get_pymongo_collection().database.client
    async with client.start_session() as session:
        return await session.with_transaction(transact)


def refused(why: Refusal) -> str:
    """Return the result of a deed that was refused."""
    return f"refused:{why.code}"


def reason_of(text: str) -> str | Refusal:
    """Return a reason as typed by staff, fit to be stored and shown."""
    reason = text.strip()
    fits = 1 <= len(reason) <= MAX_REASON and reason.isprintable()
    return reason if fits and not holds_personal_number(reason) else REASON_FORM


def holds_personal_number(text: str) -> bool:
    """Tell whether a text has a valid citizen number or a mainland mobile number in it."""
    if _PHONE.search(text):
        return True
    found = (match.group().upper() for match in _CITIZEN_NUMBER.finditer(text))
    return any(check_character(number[:17]) == number[17] for number in found)


_words_hold_one = lru_cache(maxsize=1024)(holds_personal_number)
"""The same of a deed's words, which come again and again."""


def row_of(deed: Deed) -> dict[str, Any]:
    """Return the row to be inserted."""
    name = deed.organisation.name
    words = (*_both(deed.words), *_both(name))
    own = (deed.reason, deed.origin, deed.actor.id)
    if any(map(_words_hold_one, words)) or any(map(holds_personal_number, own)):
        raise PersonalDataInRow(deed.action)
    row = {
        "_id": random_identifier("aud"),
        "at": deed.at,
        "actor": {"kind": deed.actor.kind.value, "id": deed.actor.id},
        "action": deed.action,
        "words": {"zh": deed.words.zh, "en": deed.words.en},
        "system": deed.system.value,
        "organisation": {"code": deed.organisation.code, "name": {"zh": name.zh, "en": name.en}},
        "result": deed.result,
        "disclosed": deed.disclosed,
    }
    more = {
        "subject": deed.subject,
        "reason": deed.reason,
        "origin": deed.origin,
        "alert": deed.alert and deed.alert.value,
        "mandate": deed.mandate,
    }
    return row | {name: value for name, value in more.items() if value}


def canonical(row: Mapping[str, Any]) -> bytes:
    """Return a stored row as the bytes that are hashed: JSON, keys sorted, times in ms."""
    return json.dumps(
        row, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
    ).encode()


def _both(text: LocalizedText) -> tuple[str, str]:
    return text.zh, text.en


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return {"ms": round(value.timestamp() * 1000)}
    # Only a tampered row has other types; it must hash to something all the same.
    return {type(value).__name__: repr(value)}
