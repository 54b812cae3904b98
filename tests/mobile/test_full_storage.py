"""A phone whose storage is full at the moment an act begins: said in words, and done once."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mobile.core.trouble import STORAGE_DAMAGED, act_unkept, is_undecided
from mobile.ports.secret_box.box import SecretBox
from mobile.ports.secret_box.desktop import KeyFileCipher
from mobile.services.services import open_services
from mobile.services.transport import open_http
from mobile.services.wallet import WalletStore
from tests.mobile.card_office import CardOffice
from tests.mobile.test_exams import open_exams, touch_offer
from tests.support.ui import UI, Phone, running

EXAM = "教师资格考试"


@pytest.fixture
def fill(phone: Phone) -> Iterator[Callable[[], Path]]:
    """What fills the phone's storage, a file system of its own; it returns what to remove."""
    phone.folder.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k,mode=700", "tmpfs", str(phone.folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("mounting a file system needs the right to (CAP_SYS_ADMIN)")

    def fill() -> Path:
        filler = phone.folder / "photos"
        with pytest.raises(OSError, match="No space left"):
            filler.write_bytes(bytes(1 << 20))
        return filler

    try:
        yield fill
    finally:
        subprocess.run(["umount", "-l", str(phone.folder)], check=True)


def remount(folder: Path, how: str) -> None:
    """Let a file system be written to, or not."""
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)


@pytest.mark.feature("U5")
def test_an_act_that_cannot_be_kept_is_said_and_kept_as_soon_as_there_is_space(
    fill: Callable[[], Path], enrolled: Phone, office: CardOffice
) -> None:
    offered = office.exam.offer(EXAM)
    with running(enrolled) as ui:
        open_exams(ui)
        touch_offer(ui, EXAM)
        photos = fill()
        ui.tap("我要报名")
        office.loses_answers = True
        ui.tap("确定报名")
        ui.wait(lambda: ui.shows("手机也存不下这次办理（No space left on device）"))
        assert ui.shows("请先不要关闭应用；清理手机空间后再点一次，不会重复办理")
        ui.app.models.preferences.choose_language("en")
        ui.frames()
        assert ui.shows("free some space, then touch again: it is never done twice")
        ui.app.models.preferences.choose_language("zh")
        ui.go("code")
        assert ui.shows("手机存不下数据（No space left on device）"), "said beside the card too"
        assert ui.code() is not None

        photos.unlink()
        open_exams(ui)
        touch_offer(ui, EXAM)
        ui.tap("我要报名")
        ui.tap("确定报名")
        ui.wait(lambda: ui.shows("这次可能没有办成"))
        assert not ui.shows("存不下"), "its key is kept now"
    office.loses_answers = False
    with running(enrolled) as ui:
        open_exams(ui)
        ui.wait(lambda: ui.shows("有一次办理没有收到回音"))
        ui.tap("再问一次")
        ui.wait(lambda: ui.shows("报名好了"))
    assert (offered["left"], len(set(office.exam.keys))) == (7, 1)


@pytest.mark.usefixtures("fill")
def test_a_storage_that_takes_nothing_any_more_is_said_and_the_code_goes_on(
    enrolled: Phone, office: CardOffice
) -> None:
    """Read-only, as the system makes what it finds broken: also across a start, and a choice."""
    with running(enrolled) as ui:
        remount(enrolled.folder, "ro")
        office.add_visit("赣州市图书馆")
        ui.wait(lambda: ui.shows("手机存不下数据（Read-only file system）"))
        assert ui.code() is not None
        ui.app.models.preferences.choose_language("en")
        ui.frames()
        assert ui.shows("This phone cannot store data (Read-only file system)")
    with running(enrolled) as ui:
        assert ui.code() is not None
        ui.tap("我的")
        ui.tap("从这部手机移除")
        ui.tap("确定移除")
        ui.wait(lambda: ui.shows("卡没有移除：手机不让删除（Read-only file system）"))
        assert ui.shows("先不要把手机交给别人"), "it would show the card again at its next start"
        assert "卡没有移除" in "".join(one.title for one in ui.app.models.me.state.not_removed)
        ui.go("code")
        assert ui.code() is not None
        remount(enrolled.folder, "rw")
        ui.tap("我的")
        ui.tap("从这部手机移除")
        ui.tap("确定移除")
        ui.wait(lambda: ui.shows("请输入 10 位激活码"))


def test_a_storage_that_is_emptied_under_the_app_is_made_again(ui: UI, office: CardOffice) -> None:
    """Somebody cleans the phone: what goes on is kept again; the lost key is told at the start."""
    folder = ui.phone.folder
    office.exam.offer(EXAM)
    shutil.rmtree(folder)
    open_exams(ui)
    touch_offer(ui, EXAM)
    ui.tap("我要报名")
    office.loses_answers = True
    ui.tap("确定报名")
    ui.wait(lambda: ui.shows("这次可能没有办成"))
    assert ui.app._services.exams._pending.unwritable == ""
    store = WalletStore(SecretBox(folder, KeyFileCipher(folder / "box.key")))
    assert [act.operation for act in store.pending_acts()] == ["RegisterForExam"]
    office.loses_answers = False
    office.add_visit("赣州市图书馆")
    ui.go("code")
    ui.wait((folder / "wallet.sealed").exists)
    assert ui.code() is not None
    fresh = open_services(store, ui.phone.device(), office.url, open_http)
    assert fresh.session.storage_trouble is STORAGE_DAMAGED


def test_it_may_have_been_done_all_the_same() -> None:
    assert is_undecided(act_unkept("No space left on device"))
