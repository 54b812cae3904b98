"""Every file on the phone harmed in every way: said in words, mended by enrolling, acts kept."""

import asyncio
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from mobile.core.pending import PendingAct
from mobile.core.preferences import Preferences
from mobile.core.trouble import STORAGE_DAMAGED, UNREACHABLE, Trouble
from mobile.ports.secret_box.box import SecretBox
from mobile.services.account import Way
from mobile.services.services import Services, open_services
from mobile.services.transport import open_http
from mobile.services.wallet import WalletStore
from tests.mobile.account_desk import PHONE, SMS_CODE
from tests.mobile.booking_desk import venue
from tests.mobile.card_office import CODE, CardOffice
from tests.support.ui import Phone


def _flip(place: float) -> Callable[[bytes], bytes]:
    """Return what changes one bit, so far into a file."""

    def flip(content: bytes) -> bytes:
        at = int(place * (len(content) - 1))
        return content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :]

    return flip


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "first bit": _flip(0.0),
    "a bit in the middle": _flip(0.5),
    "last bit": _flip(1.0),
    "empty": lambda _: b"",
    "cut off": lambda content: content[: len(content) // 2],
    "longer": lambda content: content + b"\0",
}
HARMS = (*CHANGES, "of another phone", "gone")
NEEDED = {"wallet.sealed", "device.sealed", "box.key"}
"""What the code cannot be shown without."""


def harm(path: Path, how: str, another: Path) -> None:
    """Do one harm to a file."""
    if how in CHANGES:
        path.write_bytes(CHANGES[how](path.read_bytes()))
    elif how == "of another phone":
        shutil.copy(another / path.name, path)
    else:
        path.unlink()


def opened(phone: Phone, folder: Path) -> tuple[Services, WalletStore]:
    """Return the services of an app that starts on what lies in `folder`."""
    device = Phone(folder, phone.backend_url, phone.online, phone.clock).device()
    store = WalletStore(SecretBox(folder, device.cipher))
    return open_services(store, device, phone.backend_url, open_http), store


async def stock(phone: Phone, folder: Path, office: CardOffice) -> PendingAct:
    """Put one of everything on a phone, and return the act that waits for its answer."""
    services, store = opened(phone, folder)
    office.codes.add(CODE)
    assert await services.enrolment.submit(CODE) is None
    assert not isinstance(await services.account.request_code(PHONE), Trouble)
    credentials = {"phone": PHONE, "code": SMS_CODE}
    assert await services.account.sign_in(Way.SMS, credentials) is None
    store.save_preferences(Preferences(elder=True))
    await services.upkeep._refresh.home()
    for reading in (services.bookings, services.passes, services.exams, services.stored_values):
        assert await reading.read() is None
    office.loses_answers = True
    assert isinstance(await services.bookings.place("slot", 1), Trouble)
    office.loses_answers = False
    await services.backend.close()
    act = services.bookings.unanswered
    assert act is not None
    return act


async def mend(services: Services, office: CardOffice) -> None:
    """Enrol again."""
    office.codes.add(CODE)
    office.answers.clear()
    assert await services.enrolment.submit(CODE) is None
    await services.backend.close()


@pytest.mark.feature("U5")
def test_whatever_happens_to_a_file_is_told_and_mended_and_costs_no_readable_act(
    phone: Phone, office: CardOffice, tmp_path: Path
) -> None:
    office.booking.venues = [venue(1, "长征纪念园")]
    office.booking.add_slot("slot", phone.clock.now() + timedelta(days=1))
    whole, another = tmp_path / "whole", tmp_path / "another"
    asyncio.run(stock(phone, another, office))
    act = asyncio.run(stock(phone, whole, office))
    names = sorted(path.name for path in whole.iterdir() if path.is_file())
    assert NEEDED | {"acts.sealed", "account.sealed", "preferences.sealed"} < set(names)
    assert {path.name for path in another.iterdir()} == set(names)

    for number, (name, how) in enumerate((name, how) for name in names for how in HARMS):
        folder = tmp_path / str(number)
        shutil.copytree(whole, folder)
        harm(folder / name, how, another)
        _told_and_mended(phone, folder, office, name, act)
        shutil.rmtree(folder)


def _told_and_mended(
    phone: Phone, folder: Path, office: CardOffice, harmed: str, act: PendingAct
) -> None:
    services, store = opened(phone, folder)
    session, now = services.session, phone.clock.now()
    readable = harmed not in {"acts.sealed", "box.key"}
    shows = session.code_at(now) is not None
    assert shows == (harmed not in NEEDED), "a code, or why there is none"
    assert (session.storage_trouble is STORAGE_DAMAGED) == (not shows and session.key is None)
    assert services.bookings.unanswered == (act if readable and shows else None)
    session.lost(UNREACHABLE)  # whoever listens hears of something
    store.save_preferences(Preferences(elder=True))
    if not shows:
        asyncio.run(mend(services, office))
        assert session.storage_trouble is None
        assert services.bookings.unanswered == (act if readable else None)
    services, store = opened(phone, folder)
    assert services.session.storage_trouble is None
    assert services.session.code_at(now) is not None, "the next start finds a whole phone"
    assert store.pending_acts() == ((act,) if readable else ())
