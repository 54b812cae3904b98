"""An app that books a slot and dies at a chosen point: run as a process of its own, without Kivy.

A point is a step of a store's write or of a request; the processes end by SIGKILL there, one after
the other at each point of the way, every time on a copy of the same phone.
"""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from mobile.core.preferences import Preferences
from mobile.core.trouble import Trouble
from mobile.services.http_transport import HttpTransport
from mobile.services.services import Services
from tests.mobile.killed_app import live, open_app

QUEUED = "slot_queued"
"""The slot of an act that waits for its answer from the start."""


class Points:
    """Counts the steps of one life, and ends it before the step of number `last`."""

    def __init__(self, last: int) -> None:
        self._last = last
        self.passed = 0

    def reach(self) -> None:
        """Come to the next step."""
        if self.passed == self._last:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1

    def before_and_after(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return `work` with a point before it and one after it."""

        def done(*given: Any, **named: Any) -> Any:
            self.reach()
            result = work(*given, **named)
            self.reach()
            return result

        return done

    def around_requests(self) -> None:
        """Set a point before each request, and one after its answer."""
        post = HttpTransport.post

        async def posted(self_: HttpTransport, *given: Any) -> Any:
            self.reach()
            reply = await post(self_, *given)
            self.reach()
            return reply

        setattr(HttpTransport, "post", posted)  # noqa: B010, mypy takes no other way


def half_written(points: Points) -> None:
    """Set points in the middle of what is written to a file, and around what follows."""
    fdopen = os.fdopen

    def opened(*given: Any) -> Any:
        file = fdopen(*given)
        write = file.write

        class Slow:
            def __enter__(self) -> "Slow":
                return self

            def __exit__(self, *_: object) -> None:
                file.close()

            def write(self, content: bytes) -> None:
                points.reach()
                write(content[: len(content) // 2])
                file.flush()
                points.reach()
                write(content[len(content) // 2 :])

            flush = staticmethod(file.flush)
            fileno = staticmethod(file.fileno)

        return Slow()

    for module, name, slowly in (
        (os, "fdopen", opened),
        (os, "fsync", points.before_and_after(os.fsync)),
        (Path, "replace", points.before_and_after(Path.replace)),
        (Path, "unlink", points.before_and_after(Path.unlink)),
    ):
        setattr(module, name, slowly)


def _die_at(folder: Path, url: str, slot: str, last: int) -> NoReturn:
    points, end = Points(last), 1
    half_written(points)
    points.around_requests()
    try:
        asyncio.run(_book(open_app(folder, url, careless=False), slot))
        end = 0
    finally:
        os._exit(end)


async def _book(services: Services, slot: str) -> None:
    """Use the app: a choice, news, an act of now, then what had no answer before."""
    services._store.save_preferences(Preferences(elder=True))
    services.session._saved = None  # so that the card is written
    assert await services.upkeep._refresh.home()
    assert not isinstance(await services.bookings.place(slot, 1), Trouble)
    await live(services, [slot, QUEUED])


def _stands(services: Services) -> None:
    """Check what a start finds after whatever went before: the card, and the act of before."""
    assert services.session.storage_trouble is None
    assert services.session.code_at(services.time.now()) is not None
    known = services.bookings.known
    booked = {one.slot for one in known.bookings} if known else set()
    waiting = {act.wish["slot"] for act in services._pending.unanswered("BookPlace")}
    assert QUEUED in booked | waiting


def main() -> None:
    """Book a slot from a copy of the phone for each point, and then come back to it whole."""
    folder, url, code = Path(sys.argv[1]), sys.argv[2], sys.argv[3]

    async def enrol() -> None:
        services = open_app(folder / "whole", url, careless=False)
        assert await services.enrolment.submit(code) is None
        services._pending.begin("BookPlace", {"slot": QUEUED, "quantity": 1})
        await services.backend.close()

    asyncio.run(enrol())
    point = 0
    while True:
        phone, slot = folder / "phone", f"slot_{point}"
        shutil.copytree(folder / "whole", phone)
        child = os.fork()
        if child == 0:
            _die_at(phone, url, slot, point)
        _, how = os.waitpid(child, 0)
        again = open_app(phone, url, careless=False)
        _stands(again)
        asyncio.run(live(again, [slot, QUEUED]))
        assert again.bookings.unanswered is None
        shutil.rmtree(phone)
        if not os.WIFSIGNALED(how):
            assert os.waitstatus_to_exitcode(how) == 0
            break
        point += 1
    sys.stdout.write(str(point))


if __name__ == "__main__":
    main()
