"""A session that ends while a form is half typed: after the sign-in nothing typed is lost."""

from typing import Any

import pytest

from mobile.core.payout_account import PayoutAccount
from mobile.ui.gallery.family import scenes as family_scenes
from mobile.ui.gallery.samples import SESSION_ENDED
from mobile.ui.gallery.stage import Stage
from mobile.viewmodels.family_state import LENGTH, LIST, PIN
from tests.mobile.account_desk import ACCESS_LIFETIME, PHONE, PHONE_OF_ANOTHER
from tests.mobile.card_office import CardOffice
from tests.mobile.test_exams import open_exams, touch_offer
from tests.mobile.test_sign_in import sign_in, type_keys
from tests.support.ui import UI

NUMBER = "6217001234560086"


def begin_correction(ui: UI) -> None:
    """Come to the last step of a correction, signed in."""
    ui.go("corrections")
    sign_in(ui)
    ui.wait(lambda: ui.shows("还没有申请过更正"))
    ui.tap("申请更正")
    ui.tap("出生日期")
    ui.tap("下一步")
    type_keys(ui, "19650102")
    ui.tap("下一步")
    ui.tap("登记时录错了")


@pytest.mark.feature("A30")
def test_a_correction_goes_on_where_it_was_after_a_session_that_ended_by_itself(
    ui: UI, office: CardOffice
) -> None:
    begin_correction(ui)
    office.desk.end_all()
    ui.tap("提交申请")
    ui.wait(lambda: ui.app.models.place.name == "sign_in")
    assert ui.shows("登录已结束")
    assert office.desk.asked_corrections == []
    sign_in(ui)
    ui.wait(lambda: ui.shows("为什么要改？"))
    ui.press(27)
    assert ui.shows("1965 01 02")
    ui.tap("下一步")
    ui.tap("提交申请")
    ui.wait(lambda: ui.shows("等待核对"))
    [asked] = office.desk.asked_corrections
    assert (asked["value"], asked["explanation"]) == ("1965-01-02", "登记时录错了")


def test_an_access_token_that_ends_in_a_form_is_renewed_without_a_word(
    ui: UI, office: CardOffice
) -> None:
    begin_correction(ui)
    ui.phone.clock.advance(ACCESS_LIFETIME.total_seconds() + 1)
    ui.tap("提交申请")
    ui.wait(lambda: ui.shows("等待核对"))
    assert len(office.desk.sessions) == 1
    assert len(office.desk.renewal_keys) == 1
    assert len(office.desk.asked_corrections) == 1


def test_who_signs_out_or_comes_much_later_finds_nothing_typed(ui: UI, office: CardOffice) -> None:
    begin_correction(ui)
    office.desk.end_all()
    ui.tap("提交申请")
    ui.wait(lambda: ui.app.models.place.name == "sign_in")
    ui.phone.clock.advance(16 * 60)
    sign_in(ui)
    ui.wait(lambda: ui.shows("还没有申请过更正"))
    assert not any(ui.app.models.corrections._typed.values())

    ui.tap("申请更正")
    ui.tap("手机号码")
    ui.tap("下一步")
    type_keys(ui, "139")
    ui.run(ui.app._services.account.sign_out())
    assert not any(ui.app.models.corrections._typed.values())
    assert ui.app.models.corrections.state.entry is None


@pytest.mark.parametrize("who", [PHONE, PHONE_OF_ANOTHER])
def test_only_who_was_typing_gets_it_back(ui: UI, office: CardOffice, who: str) -> None:
    """Somebody else who signs in on this phone finds nothing, and is told nothing of it."""
    begin_correction(ui)
    office.desk.end_all()
    ui.tap("提交申请")
    ui.wait(lambda: ui.app.models.place.name == "sign_in")
    ui.phone.clock.advance(14 * 60)  # to find one's glasses
    sign_in(ui, who)
    same = who == PHONE
    ui.wait(lambda: ui.shows("为什么要改？" if same else "还没有申请过更正"))
    typed = ui.app.models.corrections._typed["BIRTH"]
    assert typed == ("19650102" if same else "")
    if not same:
        assert ui.app.models.corrections.state.problem is None
        ui.tap("申请更正")
        ui.tap("出生日期")
        ui.tap("下一步")
        assert not ui.shows("1965 01 02")


def test_an_account_number_waits_for_the_sign_in(
    ui: UI, office: CardOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    model: Any = ui.app.models.payout

    async def read() -> PayoutAccount:
        return PayoutAccount(None, None)

    monkeypatch.setattr(model._accounts, "read", read)
    ui.go("payout")
    sign_in(ui)
    ui.wait(lambda: model.state.acts)
    ui.tap(model.state.acts[0].text)
    ui.tap("中国建设银行")
    type_keys(ui, NUMBER)
    ui.tap(model.state.acts[0].text)
    office.desk.end_all()
    ui.tap(model.state.acts[0].text)
    ui.wait(lambda: ui.app.models.place.name == "sign_in")
    sign_in(ui)
    ui.wait(lambda: ui.app.models.place.name == "payout")
    assert ui.shows("6217 0012 3456 0086"), ui.texts()


def test_an_examination_is_registered_for_by_the_card_whatever_becomes_of_the_session(
    ui: UI, office: CardOffice
) -> None:
    office.exam.offer("教师资格考试")
    ui.go("devices")
    sign_in(ui)
    open_exams(ui)
    touch_offer(ui, "教师资格考试")
    ui.tap("我要报名")
    office.desk.end_all()
    ui.run(ui.app._services.account.ask("Devices", {}))
    assert not ui.app._services.account.signed_in
    assert ui.app.models.place.name == "exams"
    ui.tap("确定报名")
    ui.wait(lambda: ui.shows("报名好了"))


@pytest.fixture
def stage(tmp_path: Any) -> Stage:
    return Stage(tmp_path)


@pytest.mark.parametrize(("page", "then"), [(LENGTH, LENGTH), (PIN, LIST)])
def test_what_was_chosen_for_a_mandate_stays_and_a_pin_does_not(
    stage: Stage, page: str, then: str
) -> None:
    dict(family_scenes(stage))["family"]()
    model, account = stage.models.family, stage.account
    tokens = account._tokens
    assert tokens is not None
    model.do("begin:PRINCIPAL")
    model._course.page, model._course.typed, model._course.days = page, "123", 30
    account._end(SESSION_ENDED)
    assert stage.models.place.name == "sign_in"
    account._accept(tokens)
    assert stage.models.place.name == "family"
    model.open()
    assert model._course.page == then
    assert (model._course.typed == "123") == (page == LENGTH)


def test_a_removed_card_takes_what_was_half_typed_along(stage: Stage) -> None:
    stage.show_signed_in("corrections")
    model, account = stage.models.corrections, stage.account
    model.begin()
    model.choose("PHONE")
    model.submit()
    model.type_digit("1")
    account._end(SESSION_ENDED)
    assert model._typed["PHONE"] == "1"
    stage.services.session.forget()
    assert model._typed["PHONE"] == ""
    assert account.ended is None
