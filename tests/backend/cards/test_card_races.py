"""Races for one card, each beside a control that shows what would happen without the guard."""

import asyncio
import base64
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from backend.app import House
from backend.cards import certificates
from backend.cards.card_service_frame import CardChange, Wish, actor_of
from backend.cards.card_services import CardServices
from backend.cards.card_writes import facts_of
from backend.cards.certificates import Certificates
from backend.cards.commands import COUNTER
from backend.cards.decisions import decide
from backend.cards.documents import Card
from backend.cards.lifecycle import TABLE, Actor, Asked, CardEvent, CardState, ReplacementReason
from backend.figures import CardFigures
from backend.foundation.audit_outbox import AuditOutbox
from backend.foundation.mongo import DuplicateKeyError
from backend.foundation.refusals import Refusal
from shared.clock import ManualClock
from tests.backend.actors import City, Holder, new_key

PENDING_INDEX = "one_pending_card"


def _outcomes(answers: Sequence[CardChange | Refusal]) -> list[str]:
    return sorted("done" if isinstance(a, CardChange) else a.code for a in answers)


async def _replace_at_once(services: CardServices, holder: Holder) -> list[str]:
    wishes = [Wish(COUNTER, new_key(), card_in_hand=True) for _ in range(2)]
    reason = ReplacementReason.DAMAGED
    answers = await asyncio.gather(
        *(services.replace(w, holder.card_id, reason, keep_number=True) for w in wishes)
    )
    return _outcomes(answers)


@asynccontextmanager
async def _without_index(house: House, name: str) -> AsyncIterator[None]:
    cards = house.store.database["cards"]
    [kept] = [i async for i in await cards.list_indexes() if i["name"] == name]
    await cards.drop_index(name)
    try:
        yield
    finally:
        await cards.delete_many({})
        options = {key: kept[key] for key in ("unique", "partialFilterExpression")}
        await cards.create_index(list(kept["key"].items()), name=name, **options)


@pytest.mark.feature("S14")
async def test_of_two_replacements_at_once_one_is_made(
    city: City, house: House, services: CardServices
) -> None:
    assert await _replace_at_once(services, await city.holder()) == ["card_in_production", "done"]
    making = {"state": "IN_PRODUCTION"}
    assert await house.store.database["cards"].count_documents(making) == 1


async def test_without_its_index_two_replacements_would_be_made(
    city: City, house: House, services: CardServices
) -> None:
    async with _without_index(house, PENDING_INDEX):
        assert await _replace_at_once(services, await city.holder()) == ["done", "done"]


class _Held:
    """Holds a renewal between its judgement and its write."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.judged, self.go_on = asyncio.Event(), asyncio.Event()
        self._count = asyncio.Semaphore(0)
        judge = Certificates._next

        async def held(*arguments: Any) -> Any:
            answer = await judge(*arguments)
            self._count.release()
            self.judged.set()
            await self.go_on.wait()
            return answer

        monkeypatch.setattr(Certificates, "_next", held)

    async def judged_all(self, number: int) -> None:
        for _ in range(number):
            await self._count.acquire()


async def _suspend_while_renewing(city: City, held: _Held) -> dict[str, Any]:
    holder = await city.holder()
    held.go_on.set()
    phone = await city.phone(holder)
    phone.held = None  # so that card and holder are judged first
    held.go_on.clear()
    held.judged.clear()
    renewal = asyncio.create_task(phone.renew())
    await held.judged.wait()
    await city.served(holder, CardEvent.SUSPEND)
    held.go_on.set()
    answer: dict[str, Any] = await renewal
    return answer


@pytest.mark.feature("S21")
async def test_a_card_suspended_while_a_certificate_is_made_gets_none(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await _suspend_while_renewing(city, _Held(monkeypatch)))["code"] == "card_suspended"


async def test_without_the_condition_a_suspended_card_would_get_one(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unconditional(card: Any, device: Any) -> dict[str, Any]:
        return {"_id": card["_id"], "devices.thumbprint": device["thumbprint"]}

    monkeypatch.setattr(certificates, "_as_judged", unconditional)

    answer = await _suspend_while_renewing(city, _Held(monkeypatch))

    assert answer["__typename"] == "RenewedCertificate"


def _certificate(answer: dict[str, Any]) -> bytes:
    text = answer["certificate"]["certificate"]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def _renew_together(city: City, held: _Held) -> list[dict[str, Any]]:
    """Renew for four at once; one of the three that are written together is suspended before."""
    held.go_on.set()
    holders = [await city.holder(sequence, None) for sequence in ("911", "912", "913", "914")]
    phones = [await city.phone(holder) for holder in holders]
    for phone in phones:
        phone.held = None
    held.go_on.clear()
    renewals = [asyncio.create_task(phone.renew()) for phone in phones]
    await held.judged_all(len(phones))
    await city.served(holders[2], CardEvent.SUSPEND)
    held.go_on.set()
    return list(await asyncio.gather(*renewals))


async def test_of_renewals_written_together_each_stands_under_its_own_condition(
    city: City, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = await _renew_together(city, _Held(monkeypatch))

    assert answers[2]["code"] == "card_suspended"
    given = {_certificate(answers[which]) for which in (0, 1, 3)}
    stored = house.store.database["cards"].find({"state": "ACTIVE"})
    assert given == {bytes(card["devices"][0]["certificate"]) async for card in stored}
    await house.services[AuditOutbox].drain()
    renewed = {"action": "cards.certificate_renewed"}
    assert await house.store.database["audit_rows"].count_documents(renewed) == 3


async def test_taking_the_others_word_for_it_would_give_the_suspended_card_one(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""

    async def careless(changes: Sequence[certificates.Change]) -> list[bool]:
        await written(changes)
        return [True] * len(changes)

    written = certificates._written
    monkeypatch.setattr(city.house.services[Certificates]._writes, "_ask", careless)

    answers = await _renew_together(city, _Held(monkeypatch))

    assert [answer["__typename"] for answer in answers] == ["RenewedCertificate"] * 4


async def test_one_renewal_sent_many_times_at_once_gets_one_certificate(city: City) -> None:
    phone, key = await city.phone(await city.holder()), new_key()

    answers = await asyncio.gather(*(phone.renew(key) for _ in range(8)))

    assert len({answer["certificate"]["certificate"] for answer in answers}) == 1


def _broken_links(rows: Sequence[dict[str, Any]], state: str) -> list[str]:
    """Return where a card's events do not follow from one another by the table."""
    broken = [
        f"{number}: {row['event']} from {row.get('before')} to {row['after']}"
        for number, row in enumerate(rows, 1)
        if row["revision"] != number
        or TABLE[CardEvent(row["event"])][CardState(row["before"])] != row["after"]
    ]
    states = [CardState.ACTIVE, *(row["after"] for row in rows)]
    broken += [
        f"{before} is followed by an event in {row['before']}"
        for before, row in zip(states, rows, strict=False)
        if before != row["before"]
    ]
    return broken if states[-1] == state else [*broken, f"ends in {states[-1]}, stored {state}"]


async def _history(house: House, holder: Holder) -> list[str]:
    found = house.store.database["card_events"].find({"card_id": holder.card_id})
    card = await house.store.database["cards"].find_one({"_id": holder.card_id})
    assert card is not None
    rows = await found.sort([("revision", 1), ("_id", 1)]).to_list()
    missing = card["revision"] - len(rows)
    lost = [f"{missing} events left no row"] if missing else []
    return lost + _broken_links(rows, card["state"])


_FIFTY = list(itertools.islice(itertools.cycle([CardEvent.SUSPEND, CardEvent.LIFT_SUSPENSION]), 50))


@pytest.mark.feature("S9")
async def test_fifty_events_at_once_leave_one_history(city: City, house: House) -> None:
    holder = await city.holder()

    answers = await asyncio.gather(*(city.serve(holder, event) for event in _FIFTY))

    done = sum(isinstance(answer, CardChange) for answer in answers)
    assert done >= 1
    assert set(_outcomes(answers)) <= {"done", "card_suspended", "card_not_suspended"}
    assert await _history(house, holder) == []
    rows = {"card_id": holder.card_id}
    assert await house.store.database["card_events"].count_documents(rows) == done


async def test_writers_that_do_not_look_again_would_be_noticed(
    city: City, house: House, clock: ManualClock
) -> None:
    """The control: judge, then write whatever the card has become since."""
    holder = await city.holder()
    cards, rows = house.store.database["cards"], house.store.database["card_events"]

    async def careless(event: CardEvent) -> None:
        card = await Card.get(holder.card_id)
        assert card is not None
        assert actor_of(COUNTER, card.resident_id) is Actor.OUTLET_CLERK
        asked = Asked(event, Actor.OUTLET_CLERK, card_in_hand=True)
        to = decide(facts_of(card), asked, CardFigures(), clock.now())
        if isinstance(to, CardState):
            change = {"$set": {"state": to}, "$inc": {"revision": 1}}
            await cards.update_one({"_id": card.id}, change)
            row = {"_id": new_key(), "card_id": card.id, "event": event}
            number = await rows.count_documents({"card_id": card.id}) + 1
            more = {"revision": number, "before": card.state, "after": to}
            with suppress(DuplicateKeyError):
                await rows.insert_one({**row, **more})

    await asyncio.gather(*(careless(event) for event in _FIFTY))

    assert await _history(house, holder) != []


async def test_suspending_against_cancelling_at_once_ends_cancelled(
    city: City, house: House
) -> None:
    for _ in range(5):
        holder = await city.holder(digest=None)
        answers = await asyncio.gather(
            city.serve(holder, CardEvent.SUSPEND), city.serve(holder, CardEvent.CANCEL)
        )

        assert _outcomes(answers) in (["done", "done"], ["card_cancelled", "done"])
        card = await house.store.database["cards"].find_one({"_id": holder.card_id})
        assert card is not None
        assert card["state"] == "CANCELLED"
        assert await _history(house, holder) == []
