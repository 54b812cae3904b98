"""实名注册: one thing a screen; the face only after a consent; nothing typed is lost."""

import base64
from pathlib import Path

import pytest

from mobile.ports.camera import MOST_BYTES, NoPicture
from mobile.ports.camera.desktop import DesktopCamera
from tests.mobile.account_desk import NUMBER, PHONE, SMS_CODE
from tests.mobile.card_office import CardOffice
from tests.mobile.test_sign_in import open_sign_in, type_keys
from tests.support.ui import UI, Phone, running

FACE = b"\xff\xd8 a face"


def to_the_face(ui: UI) -> None:
    open_sign_in(ui)
    ui.tap("还没有账号？实名注册")
    assert ui.shows("第 1 步，共 5 步")
    type_keys(ui, NUMBER)
    ui.tap("下一步")
    ui.touch(ui.app.root.page.ids.form.ids.written)
    ui.write("欧阳晓明")
    ui.tap("下一步")


@pytest.fixture
def face(enrolled: Phone) -> Path:
    """A picture that the phone's camera sees."""
    enrolled.face = enrolled.folder / "face.jpg"
    enrolled.face.write_bytes(FACE)
    return enrolled.face


@pytest.mark.usefixtures("face")
@pytest.mark.feature("A30")
def test_who_has_no_account_registers_and_is_signed_in(enrolled: Phone, office: CardOffice) -> None:
    with running(enrolled) as ui:
        to_the_face(ui)
        assert ui.target("take").disabled, "only after the consent"
        ui.tap("agree")
        ui.tap("拍照")
        ui.wait(lambda: ui.shows("已拍好"))
        ui.tap("下一步")
        type_keys(ui, PHONE)
        ui.tap("获取验证码")
        ui.wait(lambda: ui.shows("第 5 步"))
        type_keys(ui, "111111")
        ui.tap("完成注册")
        ui.wait(lambda: ui.shows("验证码不对"))
        ui.tap("清空")
        type_keys(ui, SMS_CODE)
        office.loses_answers = True
        ui.tap("完成注册")
        ui.wait(lambda: ui.shows("这次可能没有办成"))
        office.loses_answers = False
        ui.tap("完成注册")
        ui.wait(lambda: ui.app.models.place.name == "me")

        last, repeated = office.desk.registered[-2:]
        assert last["idempotencyKey"] == repeated["idempotencyKey"]
        assert base64.b64decode(last["picture"]) == FACE
        assert (last["number"], last["name"], last["phone"]) == (NUMBER, "欧阳晓明", PHONE)
        assert last["faceConsent"] is True
        model = ui.app.models.register
        assert (model.line, model._picture) == ("", None), "nothing stays"


def test_taking_the_consent_back_takes_the_picture_along(
    enrolled: Phone, office: CardOffice, face: Path
) -> None:
    with running(enrolled) as ui:
        to_the_face(ui)
        ui.tap("agree")
        face.unlink()
        ui.tap("拍照")
        ui.wait(lambda: ui.shows("没有拍到照片"))
        assert ui.shows("带身份证到服务网点注册")
        face.write_bytes(FACE)
        ui.tap("拍照")
        ui.wait(lambda: ui.shows("已拍好"))
        ui.tap("agree")
        assert not ui.shows("已拍好")
        assert ui.target("submit").disabled
        ui.press(27)
        assert ui.app.models.register.line == "欧阳晓明"
        assert office.desk.registered == []


async def test_a_picture_that_would_not_fit_is_refused_here(tmp_path: Path) -> None:
    large = tmp_path / "large.jpg"
    large.write_bytes(bytes(MOST_BYTES + 1))
    with pytest.raises(NoPicture):
        await DesktopCamera(large).take()
