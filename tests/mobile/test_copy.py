"""我的信息副本: fetched with the sign-in, saved where its owner finds it, or told why not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mobile.ports.documents import NotSaved
from mobile.ports.documents.desktop import DesktopDocuments
from tests.mobile.account_desk import ACCESS_LIFETIME
from tests.mobile.card_office import CardOffice
from tests.mobile.test_sign_in import sign_in
from tests.support.ui import UI, Phone, running

PDF, JSON = "/rights/v1/copy.pdf", "/rights/v1/copy.json"
TOO_OFTEN = {
    "code": "copies_too_often",
    "detail": {"zh": "副本获取过于频繁。", "en": "Too often."},
    "next_step": {"zh": "请在15:30后再试。", "en": "Try again after 15:30."},
}


@pytest.fixture
def ui(enrolled: Phone, office: CardOffice) -> Iterator[UI]:
    """A signed-in app on the page of copies."""
    office.files = {PDF: b"%PDF-1.7" + bytes(200_000), JSON: b"{}"}
    with running(enrolled) as ui:
        ui.tap("我的")
        ui.tap("我的权利")
        ui.tap("拿一份我的信息副本")
        sign_in(ui)
        ui.wait(lambda: ui.shows("请保管好"))
        yield ui


def saved(ui: UI) -> list[Path]:
    folder = ui.phone.documents
    return sorted(folder.iterdir()) if folder.exists() else []


def test_both_forms_are_saved_where_their_owner_finds_them(ui: UI, office: CardOffice) -> None:
    for target, path in (("pdf", PDF), ("json", JSON)):
        ui.tap(target)
        ui.wait(lambda: ui.shows("副本已保存"))
        newest = next(file for file in saved(ui) if file.suffix == f".{target}")
        assert newest.read_bytes() == office.files[path]
        assert newest.stat().st_mode & 0o077 == 0, "nobody else reads it"
        assert ui.shows(newest.name)
    ui.tap("pdf")
    ui.wait(lambda: len(saved(ui)) == 3)


def test_a_refusal_is_told_in_the_servers_words(ui: UI, office: CardOffice) -> None:
    office.refuse_file = TOO_OFTEN
    ui.tap("pdf")
    ui.wait(lambda: ui.shows("副本获取过于频繁。"))

    assert ui.shows("请在15:30后再试。")
    assert saved(ui) == []


def test_half_an_answer_is_no_copy(ui: UI, office: CardOffice) -> None:
    office.cuts_files = 1000
    ui.tap("pdf")
    ui.wait(lambda: ui.shows("副本没有取到"))
    assert saved(ui) == []

    office.cuts_files = None
    ui.phone.clock.advance(ACCESS_LIFETIME.total_seconds())
    ui.tap("pdf")
    ui.wait(lambda: ui.shows("副本已保存"))
    assert len(office.desk.renewal_keys) == 1, "renewed on the way"


async def test_a_folder_that_takes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotSaved):
        await DesktopDocuments(tmp_path / "file").save("copy.pdf", "application/pdf", b"")
