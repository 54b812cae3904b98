"""An invitation goes from one phone's screen to the other's camera, by the pixels of the one."""

import asyncio
import io
from pathlib import Path

import pytest
import segno
from PIL import Image

from mobile.core.invitation_code import code_of, digits_in
from mobile.core.mandate import PRINCIPAL, Invitation, Mandate
from mobile.core.trouble import Trouble
from mobile.ports.camera.desktop import DesktopCamera
from mobile.services.account import Account
from mobile.services.code_scanning import CodeScanning
from mobile.ui.gallery.family import mandate_wire, scenes
from mobile.ui.gallery.samples import TOKENS
from mobile.ui.gallery.stage import Stage
from mobile.viewmodels.family_state import SHOWN
from tests.support.ui import Phone, running

DIGITS = "048392715560"


def _scan(picture: Path) -> str | Trouble | None:
    return asyncio.run(CodeScanning(DesktopCamera(picture)).invitation())


async def _sign_in(account: Account) -> None:
    account._accept(TOKENS)


def _qr(text: str) -> bytes:
    stream = io.BytesIO()
    segno.make(text, micro=False).save(stream, kind="png", scale=6, border=4)
    return stream.getvalue()


@pytest.mark.feature("S138")
def test_the_camera_takes_an_invitation_off_the_elders_screen(phone: Phone, tmp_path: Path) -> None:
    shown = Mandate.of_wire(mandate_wire("mnd_e", PRINCIPAL, "", "OFFERED"))
    with running(phone) as ui:
        model = ui.app.models.family
        for elder in (False, True):
            if elder:
                ui.app.models.preferences.switch_elder()
            ui.run(_sign_in(model._account))
            ui.go("family")
            model._course.invitation, model._course.page = Invitation(shown, DIGITS), SHOWN
            model._show()
            ui.later(0.3)
            screen = ui.picture()
            # As a camera app hands it over: small, and not quite straight.
            seen = screen.rotate(7, fillcolor=90).resize((screen.width * 2 // 3, 573))
            seen.save(tmp_path / "seen.jpg", quality=80)
            assert _scan(tmp_path / "seen.jpg") == DIGITS, f"elder {elder}"


def test_what_is_no_invitation_is_refused_in_words(tmp_path: Path) -> None:
    picture = tmp_path / "picture"
    white = io.BytesIO()
    Image.new("L", (200, 200), 255).save(white, "PNG")
    for content, code in (
        (b"", "no_picture"),
        (b"\x89PNG not at all", "no_picture"),
        (white.getvalue(), "no_code_seen"),
        (_qr(DIGITS), "no_invitation"),  # a number like any other
        (_qr(code_of(DIGITS) + "1"), "no_invitation"),
        (_qr("https://example.org"), "no_invitation"),
    ):
        picture.write_bytes(content)
        found = _scan(picture)
        assert isinstance(found, Trouble)
        assert (found.code, bool(found.next_step)) == (code, True)
    assert digits_in(code_of(DIGITS)) == DIGITS
    assert digits_in(code_of("٣" * 12)) is None


def test_the_page_asks_for_the_camera_and_digits_are_the_way_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(tmp_path)
    model, sent = stage.models.family, list[str]()
    monkeypatch.setattr(model, "_act", lambda work: asyncio.run(work()))

    async def take(digits: str) -> Trouble:
        sent.append(digits)
        return Trouble("mandate_unknown", shown, shown)

    shown = Mandate.of_wire(mandate_wire("m", PRINCIPAL, "")).delegate_is
    monkeypatch.setattr(model._family, "take", take)
    (tmp_path / "seen.png").write_bytes(_qr(code_of(DIGITS)))
    model._scanning = CodeScanning(DesktopCamera(tmp_path / "seen.png"))
    dict(scenes(stage))["family-take"]()
    assert [one.act for one in model.state.acts] == ["scan", "go:type"]
    model.do("scan")
    assert sent == [DIGITS]
    model.do("go:type")
    assert model.state.typed == ""
    assert model.step_back()
    assert [one.act for one in model.state.acts] == ["scan", "go:type"]
