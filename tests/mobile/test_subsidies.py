"""S76 in the app: the newest payment at home, all of them in the wallet, and what to do."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mobile.core.subsidy import SubsidiesSeen, Subsidy, SubsidyState
from mobile.core.trouble import UNREACHABLE
from mobile.services.wallet import Wallet
from mobile.ui.gallery.stage import Stage
from mobile.ui.gallery.subsidies import FAILED, PAID, SUBSIDIES, scenes
from tests.mobile.booking_desk import refused
from tests.mobile.card_office import CardOffice
from tests.mobile.test_library import choose
from tests.support.ui import Phone, running


def _wire(payment: Subsidy) -> dict[str, Any]:
    """Return a payment as the server tells it."""
    at = payment.changed_at.isoformat()
    return {"__typename": "SubsidyPayment", **payment.to_wire(), "filedAt": at}


@pytest.mark.feature("S76")
def test_home_leads_to_the_payment_that_failed_and_from_there_to_the_account(
    enrolled: Phone, office: CardOffice
) -> None:
    office.subsidies = [_wire(FAILED), _wire(PAID)]
    with running(enrolled) as ui:
        ui.wait(lambda: ui.shows("2026年9月职业培训补贴 ¥900.00 · 没有发成"))
        ui.tap("卡包")
        ui.wait(lambda: ui.shows("¥900.00"))
        choose(ui, "职业培训补贴", "ThingRow")
        ui.wait(lambda: ui.shows("¥300.00"))
        assert ui.shows("已到账")
        choose(ui, "职业培训补贴", "SubsidyRow")
        for words in ("没有发成", "账户已销户或停用", "赣州银行 尾号 5341", "市民政局"):
            assert ui.shows(words)
        assert ui.shows("再联系发放部门补发")
        ui.tap("更正收款账户")
        assert ui.app.models.place.name == "sign_in", "the account is changed by who signed in"
    stored = b"".join(path.read_bytes() for path in enrolled.folder.rglob("*") if path.is_file())
    assert "职业培训".encode() not in stored
    enrolled.online = False
    enrolled.clock.advance(12 * 60)
    with running(enrolled) as ui:
        assert ui.shows("2026年9月职业培训补贴 ¥900.00 · 没有发成"), "as it was seen last"
        ui.go("subsidies")
        ui.wait(lambda: ui.shows("12 分钟前 更新"))
        choose(ui, "高龄津贴", "SubsidyRow")
        assert ui.shows("2026年第3季度")
        assert not ui.shows("更正收款账户")
        store = ui.app._services.session._store
        store.forget()
        assert store.subsidies() is None


class _Server:
    """Answers pages by their cursor."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        self.pages = list(pages)
        self.wishes: list[Any] = []

    async def ask(self, operation: str, variables: Any) -> Any:
        assert operation == "Subsidies"
        self.wishes.append(variables)
        return {"subsidies": self.pages.pop(0)}


def _page(*payments: Subsidy, cursor: str | None = None) -> dict[str, Any]:
    info = {"hasNextPage": cursor is not None, "endCursor": cursor}
    return {
        "__typename": "SubsidyConnection",
        "nodes": list(map(_wire, payments)),
        "pageInfo": info,
    }


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def test_the_list_goes_on_where_it_ended_and_a_refusal_leaves_what_was_seen(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.show(stage.wallet, "subsidies")
    subsidies = stage.services.subsidies
    no = refused("mandate_scope_missing", "授权里没有这一项。", "请本人修改授权。")
    server = _Server(_page(FAILED, cursor="c1"), _page(FAILED, PAID), no)
    monkeypatch.setattr(subsidies._holder, "ask", server.ask)

    assert await subsidies.read() is None
    assert stage.models.subsidies.state.older
    assert await subsidies.read_older() is None
    assert [one.identifier for one in stage.models.subsidies.state.lines or ()] == [
        FAILED.identifier,
        PAID.identifier,
    ], "none twice"
    assert not stage.models.subsidies.state.older
    assert await subsidies.read_older() is None
    assert [wish.get("after") for wish in server.wishes] == [None, "c1"]
    trouble = await subsidies.read()
    assert trouble is not None
    assert subsidies.known is not None


def test_each_state_is_said_with_its_sign_and_read_aloud(stage: Stage) -> None:
    shown = dict(scenes(stage))
    shown["subsidies"]()
    model = stage.models.subsidies
    signs = {one.state: (one.icon, one.attention) for one in model.state.lines or ()}
    assert signs == {
        "已批准，等待发放": ("hourglass", False),
        "没有发成": ("alert", True),
        "已到账": ("check", False),
    }
    assert "¥900.00，没有发成" in model.reading()
    shown["subsidies-failed"]()
    assert "更正收款账户" in model.reading()
    assert model.step_back()
    assert not model.step_back()
    shown["subsidies-none"]()
    assert model.reading() == "还没有补贴记录"
    shown["subsidies-unread"]()
    assert UNREACHABLE.text.zh in model.reading()
    model._trouble = None
    model.tick()
    assert model.reading() == "联网后会显示补贴。"


def test_a_principals_account_is_not_for_a_delegate_to_correct(stage: Stage) -> None:
    dict(scenes(stage))["subsidies-failed"]()
    model = stage.models.subsidies
    view = model.state.view
    assert view is not None
    assert view.correct
    stage.services.family.acting = "mnd_1"
    model._subsidies._others = {"mnd_1": SUBSIDIES}
    model._subsidies._holder._family = stage.services.family
    model._subsidies._subject = "mnd_1"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(stage.services.family), "in_force", frozenset({"mnd_1"}))
        model.tick()
    view = model.state.view
    assert view is not None
    assert not view.correct
    assert view.to_do


def test_what_is_kept_is_read_as_it_was_and_a_state_to_come_is_no_nonsense(stage: Stage) -> None:
    assert SubsidiesSeen.of_wire(SUBSIDIES.to_wire()) == SUBSIDIES
    wallet = replace(stage.wallet, subsidy=PAID.latest)
    assert Wallet.of_wire(wallet.to_wire()) == wallet
    older = wallet.to_wire()
    del older["subsidy"]
    assert Wallet.of_wire(older).subsidy is None
    assert Subsidy.of_wire({**_wire(PAID), "state": "CLAWED_BACK"}).latest.state is (
        SubsidyState.OTHER
    )
