"""A code on paper: asked for on the code's page, saved to be printed, made void when lost."""

import pytest

from mobile.core.paper_code import PaperCode
from mobile.viewmodels.paper import PaperLine, PaperState
from tests.mobile.account_desk import SHEET
from tests.mobile.card_office import CardOffice
from tests.support.ui import UI


def marks(ui: UI) -> tuple[PaperLine, ...]:
    state: PaperState = ui.app.models.paper.state
    return state.papers or ()


def test_a_sheet_is_saved_listed_and_made_void(ui: UI, office: CardOffice) -> None:
    ui.go("paper")
    ui.wait(lambda: ui.shows("还没有打印过"))
    ui.tap("打印今天的")
    ui.wait(lambda: ui.shows("纸质码已保存，请打印"))
    [saved] = ui.phone.documents.iterdir()
    assert saved.read_bytes() == SHEET
    assert saved.stat().st_mode & 0o077 == 0, "nobody else reads it"
    ui.wait(lambda: ui.shows("打印今天的"))
    ui.tap("打印今天的")
    ui.wait(lambda: [line.mark for line in marks(ui)] == ["可用", "已作废"])
    assert [one["live"] for one in office.desk.papers] == [True, False]

    ui.tap("丢了？作废这一张")
    ui.tap("确定作废")
    ui.wait(lambda: ui.shows("纸质码已作废"))
    assert [line.revocable for line in marks(ui)] == [False, False]
    assert len(set(office.desk.paper_keys)) == 2


def test_without_a_network_it_says_so_and_the_same_wish_is_one_request(
    ui: UI, office: CardOffice
) -> None:
    ui.go("paper")
    ui.wait(lambda: ui.shows("还没有打印过"))
    office.broken = b"no JSON"
    ui.tap("打印明天的")
    ui.wait(lambda: ui.app.models.paper.state.problem is not None)
    assert office.desk.papers == []
    office.broken = None
    ui.tap("打印明天的")
    ui.wait(lambda: ui.shows("纸质码已保存，请打印"))
    assert len(office.desk.papers) == 1


@pytest.mark.parametrize(("live", "over", "counts"), [(1, 0, 1), (1, 1, 0), (0, 0, 0), (0, 1, 0)])
def test_a_sheet_counts_on_its_day_while_it_is_not_withdrawn(
    *, live: int, over: int, counts: int
) -> None:
    wire = {
        "id": "sheet_1",
        "day": "2026-11-22",
        "madeAt": "2026-11-21T02:00:00+00:00",
        "madeBy": "HOLDER",
        "live": bool(live),
        "over": bool(over),
    }
    assert PaperCode.of_wire(wire).counts == bool(counts)
