"""我的一卡通记录: read in pages, of one kind or of all."""

from datetime import timedelta
from typing import Any

from tests.mobile.booking_desk import both
from tests.mobile.card_office import CardOffice
from tests.support.ui import UI


def row(office: CardOffice, number: int, category: str, title: str) -> dict[str, Any]:
    return {
        "id": f"row_{number}",
        "at": (office.clock.now() - timedelta(hours=number)).isoformat(),
        "category": category,
        "title": both(title),
        "detail": both("已进入"),
    }


def test_a_life_is_read_in_pages_and_filtered(ui: UI, office: CardOffice) -> None:
    office.life = [row(office, n, "VISIT", f"图书馆 {n} 号") for n in range(22)]
    office.life.append(row(office, 30, "BOOKING", "博物馆"))
    ui.go("timeline")
    ui.wait(lambda: ui.shows("图书馆 0 号"))
    assert not ui.shows("图书馆 20 号")
    assert ui.shows("昨天")
    ui.tap("more")
    ui.wait(lambda: ui.shows("博物馆"))
    assert not ui.shows("看更早的")

    ui.tap("预约")
    ui.wait(lambda: not ui.shows("图书馆 0 号") and ui.shows("博物馆"))
    ui.tap("票券")
    ui.wait(lambda: ui.shows("这里还没有记录"))

    ui.tap("全部")
    ui.wait(lambda: ui.shows("图书馆 0 号"))
    office.broken = b"no JSON"
    ui.tap("wallet")
    ui.tap("timeline")
    ui.wait(lambda: ui.app.models.timeline.state.problem is not None)
    assert ui.shows("图书馆 0 号"), "what was seen stays"
