"""Take README's pictures from a real visit (``make pictures``)."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from infra.demo.announcer import Announcer, StepFailed
from infra.demo.city import City, running_city
from infra.demo.visit import Moment, perform_visit
from tests.support.browser import CHROMIUM, FLAGS, with_fonts

TARGET = Path(__file__).parents[1] / "pictures"
_STAFF_PICTURES = {
    Moment.ADMITTED_BY_CODE: "staff-admit.png",
    Moment.ADMITTED_BY_CARD: "staff-look.png",
    Moment.SCREENSHOT_REFUSED: "staff-refuse.png",
}
_FROM_GALLERY = {
    "elder-zh-light-home": "app-elder.png",
    "standard-zh-light-wallet-things": "app-wallet.png",
}
_TABLET = ViewportSize(width=1024, height=640)


def main() -> int:
    """Write the pictures; 0 only if the visit happened."""
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="yikatong-pictures-") as folder:
        environ = with_fonts(os.environ, Path(folder))
        with sync_playwright() as playwright, running_city(Path(folder), Announcer()) as city:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, env=environ)
            page = browser.new_page(viewport=_TABLET)
            page.goto(city.reader_url)
            try:
                perform_visit(city, lambda moment: _take(city, page, moment))
            except StepFailed as failure:
                sys.stderr.write(f"{failure}\n")
                return 1
            browser.close()
            gallery = Path(folder) / "gallery"
            for drawn, picture in _FROM_GALLERY.items():
                city.ask("mobile", "--gallery", str(gallery), "--only", drawn)
                shutil.copy(gallery / f"{drawn}.png", TARGET / picture)
    return 0


def _take(city: City, page: Page, moment: Moment) -> None:
    if moment is Moment.VISIT_SEEN:
        page.wait_for_timeout(1500)
        shutil.copy(max(city.screen_dir.glob("frame-*.png")), TARGET / "app-code.png")
    if moment in _STAFF_PICTURES:
        page.wait_for_timeout(600)
        page.screenshot(path=TARGET / _STAFF_PICTURES[moment])


if __name__ == "__main__":
    raise SystemExit(main())
