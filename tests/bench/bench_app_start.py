"""Start of the app: from the command to the first frame with a code that can be scanned.

Beside it a bare Kivy window with one word, to its first frame: what no Kivy app can be faster than.
Each run is a process of its own, in turn, offscreen, without network; the card is in the store.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from mobile.core.card import Card, CardState, IssuedCertificate
from mobile.ports.secret_box.box import SecretBox
from mobile.ports.secret_box.desktop import KeyFileCipher
from mobile.services.wallet import Wallet, WalletStore
from shared.clock import SystemClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.certificate import (
    AgeBand,
    CertificateClaims,
    ConcessionLevel,
    issue_certificate,
)
from shared.localized_text import LocalizedText
from tests.bench.measure import Row, table

RUNS = 9
GOAL = 1.5

_BARE = """
import time
from kivy.base import runTouchApp, stopTouchApp
from kivy.core.window import Window
from kivy.uix.label import Label

def show(*_):
    print(time.monotonic(), flush=True)
    stopTouchApp()

Window.bind(on_flip=show)
runTouchApp(Label(text="Yikatong"))
"""

_APP = """
import time
from mobile import __main__ as start
start._prepare_kivy(for_pictures=False)
from kivy.app import App
from kivy.core.window import Window

def show(*_):
    from mobile.ui.widgets.qr_code import QrCode
    app = App.get_running_app()
    if any(isinstance(widget, QrCode) and widget.digits for widget in app.root.walk()):
        print(time.monotonic(), flush=True)
        Window.unbind(on_flip=show)
        app.end()

Window.bind(on_flip=show)
start.main()
"""


def run() -> Iterable[Row]:
    """Return the row of the start."""
    with TemporaryDirectory() as folder:
        _put_a_card(Path(folder))
        environment = _environment(folder)
        programs = {"bare": _BARE, "app": _APP}
        taken: dict[str, list[float]] = {name: [] for name in programs}
        for turn in range(RUNS + 1):
            for name, program in programs.items():
                seconds = _start(program, environment)
                if turn:  # the first warms the files
                    taken[name].append(seconds * 1000)
    app, bare = median(taken["app"]), median(taken["bare"])
    figure = f"{app:,.0f} ms to the code (best {min(taken['app']):,.0f})"
    baseline = f"bare Kivy's first frame, {bare:,.0f} ms"
    return [Row("app start", figure, baseline, app / bare, f"≤ {GOAL:g} ×", app / bare <= GOAL)]


def _start(program: str, environment: dict[str, str]) -> float:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return float(done.stdout.split()[-1]) - began


def _environment(folder: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled"),  # as an installed app's code is
        "SDL_VIDEODRIVER": "offscreen",
        "KIVY_NO_ARGS": "1",
        "KIVY_NO_CONFIG": "1",
        "KIVY_NO_FILELOG": "1",
        "KIVY_LOG_MODE": "PYTHON",
        "YIKATONG_APP_DATA_DIR": folder,
        "YIKATONG_APP_BACKEND_URL": "http://127.0.0.1:9",
    }


def _put_a_card(folder: Path) -> None:
    store = WalletStore(SecretBox(folder, KeyFileCipher(folder / "box.key")))
    now = SystemClock().now()
    start = now.replace(minute=0, second=0, microsecond=0)
    claims = CertificateClaims(
        region=360700,
        issuer_key_id=1,
        card_index=1,
        device_serial=1,
        age_band=AgeBand.ADULT,
        concession=ConcessionLevel.NONE,
        represented=False,
        not_before=start,
        lifetime_hours=48,
        device_key=store.make_device_key().public,
    )
    certificate = issue_certificate(claims, SoftwareKey.generate(Algorithm.ED25519))
    store.save(
        Wallet(
            card=Card("钟*明", "5341", LocalizedText("赣州市", "Ganzhou"), CardState.ACTIVE),
            certificate=IssuedCertificate(certificate, start + timedelta(hours=24)),
            visits=(),
            seen_at=now,
            offset=timedelta(0),
        )
    )


if __name__ == "__main__":
    sys.stdout.write(table(run()) + "\n")
