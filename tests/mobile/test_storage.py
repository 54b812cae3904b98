"""What the phone keeps: sealed, whole, and honest about it when it cannot be opened."""

import stat
from pathlib import Path

import pytest

from mobile.ports.secret_box.box import BoxDamaged, BoxUnwritable, SecretBox
from mobile.ports.secret_box.desktop import KeyFileCipher
from tests.mobile.card_office import CODE, CardOffice
from tests.support.ui import UI, Phone, running


@pytest.fixture
def box(tmp_path: Path) -> SecretBox:
    return SecretBox(tmp_path / "box", KeyFileCipher(tmp_path / "box" / "key"))


def test_what_was_put_comes_back(box: SecretBox) -> None:
    box.put("card", "钟*明".encode())

    assert box.get("card") == "钟*明".encode()
    assert box.get("other") is None


def test_nothing_lies_open_on_disk(enrolled: Phone, office: CardOffice) -> None:
    raw = office.answers[next(iter(office.answers))]["certificate"]["certificate"]
    files = [path for path in enrolled.folder.iterdir() if path.is_file()]

    assert {path.suffix for path in files} == {".sealed", ".key"}
    for path in files:
        content = path.read_bytes()
        for secret in ("钟*明".encode(), b"5341", raw.encode(), b"PRIVATE KEY", b"maskedName"):
            assert secret not in content, path
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(enrolled.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("position", [0, 12, -1])
def test_each_changed_byte_is_noticed(box: SecretBox, tmp_path: Path, position: int) -> None:
    box.put("card", b"content")
    path = tmp_path / "box" / "card.sealed"
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)

    with pytest.raises(BoxDamaged):
        box.get("card")


def test_an_entry_does_not_pass_for_another(box: SecretBox, tmp_path: Path) -> None:
    box.put("card", b"content")
    (tmp_path / "box" / "card.sealed").rename(tmp_path / "box" / "device.sealed")

    with pytest.raises(BoxDamaged):
        box.get("device")


def test_a_failed_write_leaves_what_was_there(box: SecretBox, tmp_path: Path) -> None:
    box.put("card", b"old")
    (tmp_path / "box" / "card.new").mkdir()  # in the way of the new file

    with pytest.raises(BoxUnwritable):
        box.put("card", b"new")
    assert box.get("card") == b"old"


@pytest.mark.feature("U5")
@pytest.mark.parametrize("harm", ["wallet.sealed", "device.sealed", "box.key"])
def test_a_damaged_store_is_told_and_mended_by_enrolling_again(
    enrolled: Phone, office: CardOffice, harm: str
) -> None:
    (enrolled.folder / harm).write_bytes(b"damaged")
    office.codes.add(CODE)
    with running(enrolled) as ui:
        assert ui.shows("手机里保存的卡打不开了")
        assert ui.shows("请用新的激活码重新绑定")

        for digit in CODE:
            ui.press(ord(digit))
        ui.tap("绑定")
        ui.wait(lambda: ui.shows("钟*明"))
    with running(enrolled) as ui:
        assert ui.code() is not None


def test_a_lost_key_is_told_as_well(enrolled: Phone) -> None:
    (enrolled.folder / "box.key").unlink()
    with running(enrolled) as ui:
        assert ui.shows("手机里保存的卡打不开了")


def test_a_disk_that_fills_up_later_is_told_and_the_code_goes_on(
    ui: UI, office: CardOffice
) -> None:
    (ui.phone.folder / "wallet.new").mkdir()
    office.add_visit("赣州市图书馆")
    ui.wait(lambda: ui.shows("手机存不下数据"))

    assert ui.code() is not None
    ui.wait(lambda: ui.shows("赣州市图书馆"))


def test_removing_asks_first_and_leaves_no_card(ui: UI) -> None:
    ui.tap("我的")
    ui.tap("从这部手机移除")
    assert ui.shows("移除后这部手机不能再出示码")
    ui.later(3)
    assert ui.shows("移除后这部手机不能再出示码"), "the question waits for an answer"
    ui.tap("取消")
    assert not ui.shows("移除后这部手机不能再出示码")

    ui.tap("从这部手机移除")
    ui.tap("确定移除")
    assert ui.shows("请输入 10 位激活码")
    left = {path.name for path in ui.phone.folder.iterdir()}
    assert not left & {"wallet.sealed", "device.sealed"}
