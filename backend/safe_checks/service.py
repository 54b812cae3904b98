"""Saying that one is well, by when, and whom to tell where nothing was heard (S87)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.cards.asking import Asking
from backend.foundation import audit
from backend.foundation.deeds import AreaDeeds
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.mandates.documents import Mandate
from backend.mandates.notices import tell, tell_of_principal
from backend.mandates.rules import hears
from backend.mandates.stored import Row, facts_in
from backend.residents.service import Residents
from backend.safe_checks import refusals as no
from backend.safe_checks.documents import SafeCheck
from backend.safe_checks.rules import Wish, due_after, first_due
from shared.clock import Clock
from shared.localized_text import LocalizedText

_DEEDS = AreaDeeds(
    "safe_checks",
    {
        "safe.set": LocalizedText("设置了每日报平安", "Set daily safe checks"),
        "safe.checked": LocalizedText("报了平安", "Said that they are well"),
        "safe.stopped": LocalizedText("关闭了每日报平安", "Switched daily safe checks off"),
    },
)
_WELL = LocalizedText("报了平安，之前没有消息", "said that they are well, after nothing was heard")
Work = Callable[[Session], Awaitable[Answer | Refusal]]


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to tell, by the mandate; `heard` tells whether they still get notices."""

    mandate_id: str
    masked_name: str | None
    heard: bool


@dataclass(frozen=True, slots=True)
class SafeCheckView:
    """How it stands."""

    minute: int
    contacts: Sequence[Contact]
    due_at: datetime
    checked_at: datetime | None
    missed_at: datetime | None


class SafeChecks:
    """Serves who says it, and the delegates who may know."""

    def __init__(self, residents: Residents, once: Once, clock: Clock) -> None:
        self._residents = residents
        self._once = once
        self._clock = clock

    async def of(self, asking: Asking) -> SafeCheckView | Refusal:
        """Return how it stands; a delegate sees no other delegate among the contacts (D25)."""
        row = await SafeCheck.get_pymongo_collection().find_one({"_id": asking.resident_id})
        if row is None:
            return no.SAFE_CHECK_OFF
        own = asking.acting.mandate if asking.acting else None
        wanted = [one for one in row["contacts"] if own in {None, one}]
        contacts = await self._contacts(wanted, asking.resident_id)
        return SafeCheckView(
            row["minute"],
            contacts,
            row["due_at"],
            row.get("checked_at"),
            row.get("missed_at"),
        )

    async def set(self, asking: Asking, key: str, wish: Wish | Refusal) -> SafeCheckView | Refusal:
        """Switch it on, or change the hour or whom to tell."""
        if isinstance(wish, Refusal):
            return wish
        now = self._clock.now()

        async def work(session: Session) -> Answer | Refusal:
            found = await _mandates(wish.contacts, asking.resident_id, session)
            if len(found) < len(wish.contacts):
                return no.SAFE_CHECK_CONTACTS
            if not all(hears(facts_in(one), now) for one in found):
                return no.CONTACT_NOT_LIVE
            own, checks = {"_id": asking.resident_id}, SafeCheck.get_pymongo_collection()
            before = await checks.find_one(own, {"checked_at": 1}, session=session) or {}
            fields = {
                "minute": wish.minute,
                "contacts": list(wish.contacts),
                "due_at": first_due(wish.minute, now, before.get("checked_at")),
            }
            await checks.update_one(own, {"$set": fields}, upsert=True, session=session)
            return await self._done("safe.set", asking, now, session)

        request = {"act": "set safe check", "wish": f"{wish.minute} {','.join(wish.contacts)}"}
        return await self._perform(asking, key, request, work)

    async def check_in(self, asking: Asking, key: str) -> SafeCheckView | Refusal:
        """Say that one is well; after a missed hour, who was told is told that too."""
        now = self._clock.now()

        async def work(session: Session) -> Answer | Refusal:
            checks = SafeCheck.get_pymongo_collection()
            before = await checks.find_one({"_id": asking.resident_id}, session=session)
            if before is None:
                return no.SAFE_CHECK_OFF
            await checks.update_one(
                {"_id": asking.resident_id},
                {
                    "$set": {"checked_at": now, "due_at": due_after(before["minute"], now)},
                    "$unset": {"missed_at": ""},
                },
                session=session,
            )
            if before.get("missed_at") is not None:
                notice = f"safe.{asking.resident_id}.well.{now.isoformat()}"
                await tell_contacts(notice, before, "safe.well", _WELL, now, session)
            return await self._done("safe.checked", asking, now, session)

        return await self._perform(asking, key, {"act": "check in as safe"}, work)

    async def stop(self, asking: Asking, key: str) -> Refusal | None:
        """Switch it off; nothing of it is kept."""
        now = self._clock.now()

        async def work(session: Session) -> Answer | Refusal:
            wanted = {"_id": asking.resident_id}
            await SafeCheck.get_pymongo_collection().delete_one(wanted, session=session)
            return await self._done("safe.stopped", asking, now, session)

        done = await self._once_by(asking, key, {"act": "stop safe check"}, work)
        return done if isinstance(done, Refusal) else None

    async def _done(self, action: str, asking: Asking, now: datetime, session: Session) -> Answer:
        deed = _DEEDS.of_holder(action, asking.resident_id, now, asking.origin)
        await audit.record(deed, session)
        return {}

    async def _perform(
        self, asking: Asking, key: str, request: dict[str, str], work: Work
    ) -> SafeCheckView | Refusal:
        done = await self._once_by(asking, key, request, work)
        return done if isinstance(done, Refusal) else await self.of(asking)

    async def _once_by(
        self, asking: Asking, key: str, request: dict[str, str], work: Work
    ) -> Answer | Refusal:
        return await self._once.perform(
            caller=asking.thumbprint,
            key=key,
            request={**request, "resident": asking.resident_id},
            now=self._clock.now(),
            act=work,
        )

    async def _contacts(self, wanted: Sequence[str], principal: str) -> tuple[Contact, ...]:
        now = self._clock.now()
        rows = {row["_id"]: row for row in await _mandates(wanted, principal, None)}
        known = await self._residents.persons(sorted({row["delegate"] for row in rows.values()}))
        names = {one: known.get(row["delegate"]) for one, row in rows.items()}
        return tuple(
            Contact(
                one,
                None if (person := names.get(one)) is None else person.masked_name,
                one in rows and hears(facts_in(rows[one]), now),
            )
            for one in wanted
        )


async def note_missed(resident_id: str, now: datetime, session: Session) -> int:
    """Tell the contacts, and the person, that an hour passed without a word; once each hour."""
    checks = SafeCheck.get_pymongo_collection()
    row = await checks.find_one({"_id": resident_id, "due_at": {"$lte": now}}, session=session)
    if row is None:
        return 0  # another sweep was first, or they said it meanwhile
    fields = {"due_at": first_due(row["minute"], now)}
    if row.get("missed_at") is None:
        fields["missed_at"] = row["due_at"]
    await checks.update_one({"_id": resident_id}, {"$set": fields}, session=session)
    notice = f"safe.{resident_id}.{row['due_at'].isoformat()}"
    told = await tell_contacts(notice, row, "safe.missed", _MISSED, now, session)
    own = _OWN_TOLD if told else _OWN_NOBODY
    about = (row["contacts"][0], "safe.own", own, now, session)
    await tell(f"{notice}.own", [resident_id], *about)
    return 1


async def tell_contacts(
    notice: str, row: Row, code: str, words: LocalizedText, now: datetime, session: Session
) -> int:
    """Leave a notice for each contact whose mandate still lets them have it; return how many."""
    told = 0
    for one in await _mandates(row["contacts"], row["_id"], session):
        if hears(facts_in(one), now):
            about = (one["_id"], code, words, now, session)
            await tell_of_principal(f"{notice}.{one['_id']}", one["delegate"], *about)
            told += 1
    return told


async def _mandates(wanted: Sequence[str], principal: str, session: Session | None) -> list[Row]:
    """Return those of mandates that a person gave and somebody took."""
    found = Mandate.get_pymongo_collection().find(
        {"_id": {"$in": list(wanted)}, "principal": principal, "delegate": {"$exists": True}},
        session=session,
    )
    return [row async for row in found]


_MISSED = LocalizedText(
    "到时间没有报平安，请打个电话或去看看", "said nothing by the hour today; please call or look in"
)
_OWN_TOLD = LocalizedText(
    "您到时间没有报平安，已经告诉家人；按一下“我平安”他们就放心了",
    "You said nothing by the hour, so your family was told; one touch tells them you are well",
)
_OWN_NOBODY = LocalizedText(
    "您到时间没有报平安；您选的家人现在都收不到通知，请重新选",
    "You said nothing by the hour; none of those you chose gets notices now, choose again",
)
