"""An app that books slots and is killed at any moment: run as a process of its own, without Kivy.

It loads the app's services once and forks for each life of the app; a life ends by SIGKILL, until
one comes to its end. `careless` lives keep no keys: the control.
"""

import asyncio
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import NoReturn

import httpx  # noqa: F401, loaded before the fork
from typing_extensions import override

from mobile.core.settings import Settings
from mobile.core.trouble import Trouble
from mobile.ports.device import this_device
from mobile.ports.secret_box.box import SecretBox
from mobile.services.services import Services, open_services
from mobile.services.transport import open_http
from mobile.services.wallet import WalletStore


class CarelessStore(WalletStore):
    """Forgets which acts have no answer."""

    @override
    def save_pending_acts(self, acts: object) -> None:
        """Keep nothing."""


def open_app(folder: Path, url: str, *, careless: bool) -> Services:
    """Return the services of an app that starts."""
    settings = Settings(
        data_dir=folder,
        documents_dir=folder,
        backend_url=url,
        enrolment_code="",
        mirror_dir=None,
    )
    device = this_device(settings)
    kind = CarelessStore if careless else WalletStore
    return open_services(kind(SecretBox(folder, device.cipher)), device, url, open_http)


async def live(services: Services, slots: list[str]) -> None:
    """Ask for what had no answer, then book each slot that the phone knows of no booking of."""
    bookings = services.bookings
    while (act := bookings.unanswered) is not None:
        assert not isinstance(await bookings.send_again(act), Trouble)
    held = {one.slot for one in bookings.known.bookings} if bookings.known else set()
    for slot in slots:
        if slot not in held:
            assert not isinstance(await bookings.place(slot, 1), Trouble)
    await services.backend.close()


def die_and_live(folder: Path, url: str, slots: list[str], deaths: int, *, careless: bool) -> int:
    """Live up to `deaths` lives that are cut short, then one to its end; return how many were."""
    chance, killed = random.Random(7), 0  # noqa: S311, nothing secret
    while True:
        begun, begins = os.pipe()
        child = os.fork()
        if child == 0:
            _live_one(folder, url, slots, begins, careless=careless)
        os.close(begins)
        os.read(begun, 1)
        os.close(begun)
        if killed < deaths:
            time.sleep(chance.uniform(0, 0.1))
            os.kill(child, signal.SIGKILL)  # one that has ended is a zombie until it is waited for
        _, how = os.waitpid(child, 0)
        if not os.WIFSIGNALED(how):
            assert os.waitstatus_to_exitcode(how) == 0
            return killed
        killed += 1


def _live_one(folder: Path, url: str, slots: list[str], begins: int, *, careless: bool) -> NoReturn:
    end = 1
    try:
        services = open_app(folder, url, careless=careless)
        os.write(begins, b".")
        asyncio.run(live(services, slots))
        end = 0
    finally:
        if end:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(end)


def main() -> None:
    """Enrol, then book `count` slots in the course of up to `deaths` lives cut short."""
    folder, url, code, count, deaths, manner = sys.argv[1:]
    slots = [f"slot_{number}" for number in range(int(count))]

    async def enrol() -> None:
        services = open_app(Path(folder), url, careless=False)
        assert await services.enrolment.submit(code) is None
        await services.backend.close()

    asyncio.run(enrol())
    careless = manner == "careless"
    killed = die_and_live(Path(folder), url, slots, int(deaths), careless=careless)
    sys.stdout.write(str(killed))


if __name__ == "__main__":
    main()
