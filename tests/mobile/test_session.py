"""What the phone remembers of its talk with the server: gently asked, rarely written."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.foundation.idempotency import KEPT as SERVER_KEEPS
from mobile.core.mandate import GrantedScope
from mobile.core.pending import KEPT, PendingAct
from mobile.core.trouble import SERVER_DOWN, UNREACHABLE
from mobile.ports.secret_box.box import SecretBox
from mobile.services.pending import PendingActs
from mobile.services.services import open_services
from mobile.services.transport import open_http
from mobile.services.wallet import Wallet, WalletStore
from mobile.ui.gallery.family import scenes
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Stage
from tests.mobile.card_office import CardOffice
from tests.support.ui import Phone


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    dict(scenes(stage))["family"]()
    return stage


async def test_a_server_that_cannot_be_reached_is_asked_ever_more_rarely(stage: Stage) -> None:
    upkeep, steady, pauses = stage.services.upkeep, stage.clock.monotonic, []
    for _ in range(8):
        await upkeep._act()
        pauses.append(upkeep._not_before - steady())
    assert pauses == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]
    upkeep.hurry()
    assert upkeep._not_before <= steady(), "somebody who touches does not wait"


def test_it_is_said_since_when_the_server_could_not_be_asked(stage: Stage) -> None:
    session, begun = stage.session, stage.services.time.now()
    session.lost(UNREACHABLE)
    stage.clock.advance(600)
    session.lost(SERVER_DOWN)
    assert (session.link.trouble, session.link.since) == (SERVER_DOWN, begun)
    session.keep(stage.wallet)
    assert session.link.since is None
    session.lost(UNREACHABLE)
    assert session.link.since == begun + timedelta(seconds=600)


def test_an_answer_that_brings_nothing_new_is_written_once_in_five_minutes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every one and a half seconds there is an answer; a phone's memory wears out by writing."""
    written: list[Wallet] = []
    monkeypatch.setattr(stage.session._store, "save", written.append)

    def answered(seconds: float, **changes: Any) -> int:
        stage.clock.advance(seconds)
        session = stage.session
        assert session.wallet is not None
        session.keep(replace(session.wallet, seen_at=stage.services.time.now(), **changes))
        return len(written)

    stage.session._saved = None
    assert answered(0) == 1
    assert [answered(1.5) for _ in range(20)] == [1] * 20
    assert answered(1.5, visits=()) == 2, "news are"
    assert answered(299) == 2
    assert answered(2) == 3


def test_an_act_is_let_be_before_the_server_forgets_its_key(stage: Stage) -> None:
    assert KEPT + timedelta(hours=12) < SERVER_KEEPS
    session_holder, now = stage.services._holder, stage.services.time.now()
    store = stage.session._store
    young = PendingAct("BookPlace", {"slot": "b"}, "key_b", now - KEPT + timedelta(minutes=1))
    old = PendingAct("BookPlace", {"slot": "a"}, "key_a", now - KEPT)
    store.save_pending_acts((old, young))
    pending = PendingActs(session_holder, store, stage.services.time)
    assert pending.unanswered("BookPlace") == (young,)
    assert pending.begin("BookPlace", {"slot": "a"}).key != "key_a"
    assert pending.begin("BookPlace", {"slot": "b"}).key == "key_b"


@pytest.mark.parametrize(("before", "after"), [("mnd_a", ""), ("", "mnd_a"), ("mnd_a", "mnd_b")])
async def test_an_answer_for_whoever_is_not_in_front_any_more_is_none(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, before: str, after: str
) -> None:
    services = stage.services

    async def answered(*_: object) -> dict[str, str]:
        services.family.switch(after)
        return {"told": "of the one before"}

    monkeypatch.setattr(services.account, "ask", answered)
    monkeypatch.setattr(services.backend, "ask", answered)
    services.family.switch(before)
    assert services._holder.subject == before
    assert await services._holder.ask("Bookings", {}) == UNREACHABLE
    assert services._holder.subject == after
    assert await services._holder.ask("Bookings", {}) == {"told": "of the one before"}


def test_a_scope_may_be_used_from_its_day_until_it_is_stopped(stage: Stage) -> None:
    known = stage.services.family.known
    assert known is not None
    mandate = replace(known.principals[0].mandate, state="ACTIVE", ends_at=None)
    day = timedelta(days=1)
    for since, until, may in (
        (NOW - day, None, True),
        (NOW, None, True),
        (NOW + day, None, False),
        (None, None, False),
        (NOW - day, NOW, False),
        (NOW - day, NOW + day, True),
    ):
        scoped = replace(mandate, scopes=(GrantedScope("BOOK", since, until),))
        assert scoped.allows("BOOK", NOW) == may, (since, until)
        assert not replace(scoped, ends_at=NOW).allows("BOOK", NOW)
        assert not scoped.allows("PAY_SMALL", NOW)


async def test_a_short_look_keeps_the_visits_and_news_bring_all_of_them(
    enrolled: Phone, office: CardOffice
) -> None:
    device = enrolled.device()
    store = WalletStore(SecretBox(enrolled.folder, device.cipher))
    services = open_services(store, device, office.url, open_http)

    async def look() -> list[str]:
        assert await services.upkeep._refresh.home()
        assert services.session.wallet is not None
        return [visit.venue.zh for visit in services.session.wallet.visits]

    for name in ("一", "二", "三"):
        office.add_visit(name)
    assert await look() == ["三", "二", "一"]
    asked = len(office.asked)
    assert await look() == ["三", "二", "一"]
    assert [wish["first"] for wish in office.wishes[asked:]] == [1]
    office.add_visit("四")
    assert await look() == ["四", "三", "二", "一"]
    await services.backend.close()
