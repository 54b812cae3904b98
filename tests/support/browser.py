"""A real Chromium for tests of pages, with the product's Chinese font at hand."""

import os
import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

CHROMIUM = "/usr/bin/chromium"
_FONTS = Path(__file__).parents[2] / "mobile" / "assets" / "fonts"
FLAGS = [
    # As root, in a container or on a build machine, Chromium's own sandbox cannot start.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # A browser that looks for updates slows a machine without a network.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=user-gesture-required",
]
_FONT_CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


def with_fonts(environ: Mapping[str, str], folder: Path) -> dict[str, str | float | bool]:
    """Return `environ` so that pages find the product's font; `folder` keeps its cache."""
    configuration = folder / "fonts.conf"
    configuration.write_text(_FONT_CONFIGURATION.format(fonts=_FONTS, cache=folder), "utf-8")
    return {**environ, "FONTCONFIG_FILE": str(configuration)}


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a window, for the whole run; each test opens its own context."""
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"{CHROMIUM} is missing: apt-get install chromium")
    with TemporaryDirectory(prefix="yikatong-browser-") as folder:
        environment = with_fonts(os.environ, Path(folder))
        async with async_playwright() as playwright:
            opened = await playwright.chromium.launch(
                executable_path=CHROMIUM, args=FLAGS, env=environment
            )
            yield opened
            await opened.close()
