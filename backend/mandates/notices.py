"""What people are told of mandates: one notice each, in the app or by SMS, by an outbox.

A notice is written with what it is about, in the same transaction, under an id made of it: it is
there once or not at all. Whoever has no sign-in is told by SMS, and of a call in a queue everybody
is: no app is awake for it. A server that dies between handing
a message over and noting it hands it over again; the gateway knows it by the notice's id.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.accounts.sessions import Sessions
from backend.accounts.sms import SmsGateway
from backend.foundation.audit import in_one_write
from backend.foundation.kept_running import attempt, rounds
from backend.foundation.mongo import DESCENDING, ReturnDocument, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.person_keys import KeyDestroyed, KeyPurpose, PersonSealer
from backend.mandates.documents import Mandate, MandateNotice
from backend.residents.service import Residents
from shared.clock import Clock
from shared.localized_text import LocalizedText

_NOTICES, _SEALED = "mandate_notices", "words_sealed"
LEASE = timedelta(seconds=60)
LOOK_SECONDS = 2.0
Row = Mapping[str, Any]
_STOP = LocalizedText("如非本人意愿，请到网点停止授权。", "An outlet can stop it.")
_NOTHING = LocalizedText("", "")
_NO_USE_OF_A_MANDATE = ("exams.", "help.", "payout.", "queue.", "safe.", "subsidy.")
"""Notices by codes that begin so are of no use of a mandate: no outlet stops what they tell."""
_AT_ONCE = ("queue.",)
"""By codes that begin so somebody waits for the person this minute: by SMS, whoever has an app."""


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice as its person reads it; `times` counts views that are told once a day."""

    notice_id: str
    mandate_id: str
    code: str
    words: LocalizedText
    at: datetime
    times: int

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return Position(self.at, self.notice_id)


async def tell(
    notice_id: str, people: Iterable[str], mandate: str, code: str, words: LocalizedText,
    now: datetime, session: Session, *, by_delegate: bool = False,
) -> None:  # fmt: skip
    """Leave a notice for each of `people`, in the transaction of what it is about.

    `by_delegate`: the words are of what the delegate did; who that is, is said when it is read.
    """
    of_act = {"by_delegate": True} if by_delegate else {}
    rows = [
        {
            "_id": f"{notice_id}.{number}",
            "person": person,
            "mandate": mandate,
            "code": code,
            "words": {"zh": words.zh, "en": words.en},
            "at": now,
            "times": 1,
            "sms_at": now,
            **of_act,
        }
        for number, person in enumerate(people)
    ]
    if rows:
        await MandateNotice.get_pymongo_collection().insert_many(rows, session=session)


async def tell_each(
    notices: Iterable[tuple[str, str, LocalizedText]], code: str, now: datetime, session: Session
) -> None:
    """Leave notices of no mandate: by id, for whom and in which words; in one write for them all.

    Those are people of whom each is told something of their own.
    """
    rows = [
        {
            "_id": notice_id,
            "person": person,
            "mandate": "",
            "code": code,
            "words": {"zh": words.zh, "en": words.en},
            "at": now,
            "times": 1,
            "sms_at": now,
        }
        for notice_id, person, words in notices
    ]
    await MandateNotice.get_pymongo_collection().insert_many(rows, session=session)


async def tell_sealed(
    notice_id: str, person: str, code: str, title: LocalizedText, words: LocalizedText,
    own: PersonSealer, now: datetime, session: Session,
) -> None:  # fmt: skip
    """Leave somebody a notice whose words are sealed under their own key, which `own` holds.

    `title` is all that is stored in the clear, and what is read after that key was destroyed.
    """
    sealed = own.seal(
        json.dumps([words.zh, words.en]),
        collection=_NOTICES,
        field=_SEALED,
        document=notice_id,
        purpose=KeyPurpose.ACCOUNT,
    )
    row = {
        "_id": notice_id,
        "person": person,
        "mandate": "",
        "code": code,
        "words": {"zh": title.zh, "en": title.en},
        _SEALED: sealed,
        "at": now,
        "times": 1,
        "sms_at": now,
    }
    await MandateNotice.get_pymongo_collection().insert_one(row, session=session)


async def tell_of_principal(
    notice_id: str, person: str, mandate: str, code: str, words: LocalizedText,
    now: datetime, session: Session,
) -> None:  # fmt: skip
    """Leave a delegate a notice of their principal, whose name is put before it when it is read."""
    await tell(notice_id, [person], mandate, code, words, now, session)
    await MandateNotice.get_pymongo_collection().update_one(
        {"_id": f"{notice_id}.0"}, {"$set": {"of_principal": True}}, session=session
    )


async def tell_daily(
    notice_id: str, person: str, mandate: str, code: str, words: LocalizedText,
    now: datetime, session: Session,
) -> None:  # fmt: skip
    """Leave a notice of what a delegate did, or count one more on the one that is there."""
    row = {
        "person": person,
        "mandate": mandate,
        "code": code,
        "words": {"zh": words.zh, "en": words.en},
        "at": now,
        "sms_at": now,
        "by_delegate": True,
    }
    await MandateNotice.get_pymongo_collection().update_one(
        {"_id": notice_id},
        {"$setOnInsert": row, "$inc": {"times": 1}},
        upsert=True,
        session=session,
    )


async def page_of(
    person: str, first: int, after: Position | None, residents: Residents
) -> Page[NoticeView]:
    """Return a page of what somebody was told, the newest first."""
    wanted: dict[str, Any] = {"person": person}
    if after is not None:
        wanted["at"] = {"$lte": after.at}
        wanted["$or"] = [{"at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}]
    order = [("at", DESCENDING), ("_id", DESCENDING)]
    found = MandateNotice.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
    rows = await found.to_list()
    names, whole = await _names(rows, residents), await _opened(rows, residents)
    return cut_page([_view(whole.get(row["_id"], row), names) for row in rows], first)


class NoticeDelivery:
    """Sends what is to be told by SMS."""

    def __init__(
        self,
        gateway: SmsGateway | None,
        sessions: Sessions,
        residents: Residents,
        clock: Clock,
    ) -> None:
        self._gateway = gateway
        self._sessions = sessions
        self._residents = residents
        self._clock = clock

    async def deliver(self) -> int:
        """Deliver every notice that waits now and return how many did."""
        done = 0
        while (row := await self._taken()) is not None:
            channel = await attempt(self._sent, row)
            if channel is None:
                continue  # its lease ends, and it is tried again
            change = {"$set": {"channel": channel}, "$unset": {"sms_at": ""}}
            await MandateNotice.get_pymongo_collection().update_one({"_id": row["_id"]}, change)
            done += 1
        return done

    async def keep_delivering(self) -> None:
        """Deliver for ever; what fails is tried again."""
        await rounds(self.deliver, LOOK_SECONDS)

    async def _taken(self) -> Row | None:
        """Take one notice for a minute; if this server dies, another takes it after that."""
        now = self._clock.now()
        return await MandateNotice.get_pymongo_collection().find_one_and_update(
            {"sms_at": {"$lte": now}},
            {"$set": {"sms_at": now + LEASE}},
            sort=[("sms_at", 1)],
            return_document=ReturnDocument.AFTER,
        )

    async def _sent(self, row: Row) -> str:
        person = row["person"]
        has_app = await self._sessions.has_living(person)
        if has_app and not row["code"].startswith(_AT_ONCE):
            return "app"
        phone = await in_one_write(lambda session: self._residents.phone_of(person, session))
        if self._gateway is None or phone is None:
            return "app" if has_app else "none"
        whole = (await _opened([row], self._residents)).get(row["_id"], row)
        told = _words(whole, await _names([row], self._residents))
        stop = _STOP if _can_be_stopped(row["code"]) else _NOTHING
        text = f"【一卡通】{told.zh}。{stop.zh}{told.en}. {stop.en}".rstrip()
        await self._gateway.send(phone, text, reference=row["_id"])
        return "sms"


async def _names(rows: Sequence[Row], residents: Residents) -> dict[str, str]:
    """Return by notice the masked name of whom it tells about; a doorstep agent has none here."""
    side = {
        row["_id"]: "principal" if row.get("of_principal") else "delegate"
        for row in rows
        if row.get("by_delegate") or row.get("of_principal")
    }
    if not side:
        return {}
    wanted = sorted({row["mandate"] for row in rows if row["_id"] in side})
    found = Mandate.get_pymongo_collection().find(
        {"_id": {"$in": wanted}}, {"delegate": 1, "principal": 1}
    )
    mandates = {row["_id"]: row async for row in found}
    of_notice = {
        row["_id"]: mandates.get(row["mandate"], {}).get(side[row["_id"]]) or ""
        for row in rows
        if row["_id"] in side
    }
    known = await residents.persons(sorted(set(of_notice.values())))
    return {one: known[who].masked_name for one, who in of_notice.items() if who in known}


async def _opened(rows: Sequence[Row], residents: Residents) -> dict[str, Row]:
    """Return by notice those with sealed words, with these in place of what stands in the clear."""
    sealed = [row for row in rows if _SEALED in row]
    if not sealed:
        return {}
    own, found = await residents.sealers([row["person"] for row in sealed]), dict[str, Row]()
    for row in sealed:
        place, key = row["_id"], own[row["person"]]
        try:
            zh, en = json.loads(
                key.open(row[_SEALED], collection=_NOTICES, field=_SEALED, document=place)
            )
        except KeyDestroyed:
            continue
        found[place] = {**row, "words": {"zh": zh, "en": en}}
    return found


def _can_be_stopped(code: str) -> bool:
    return not code.startswith(_NO_USE_OF_A_MANDATE)


def _words(row: Row, names: Mapping[str, str]) -> LocalizedText:
    words = LocalizedText(**row["words"])
    name = names.get(row["_id"], "")
    if row.get("of_principal"):
        who = LocalizedText(name or "您的家人", name or "Somebody of your family")
        return LocalizedText(f"{who.zh}{words.zh}", f"{who.en} {words.en}")
    if not row.get("by_delegate"):
        return words
    by = f"Your delegate {name}" if name else "Your delegate"
    return LocalizedText(f"代办人{name}为您{words.zh}", f"{by} for you: {words.en}")


def _view(row: Row, names: Mapping[str, str]) -> NoticeView:
    return NoticeView(
        notice_id=row["_id"],
        mandate_id=row["mandate"],
        code=row["code"],
        words=_words(row, names),
        at=row["at"],
        times=row["times"],
    )
