"""`python -m mobile`: the app in a window, or without a display in an offscreen one."""

import argparse
import asyncio
import gc
import os
import sys
from pathlib import Path

from mobile.core.settings import InvalidSetting, read_settings

_SIZE = (412, 860)


def main() -> int:
    """Run the app, or draw the gallery; returns the exit status."""
    gc.disable()  # what a start makes stays: `run` searches again once it is over
    arguments = _arguments()
    try:
        settings = read_settings(os.environ)
    except InvalidSetting as error:
        print(error, file=sys.stderr)
        return 2
    _prepare_kivy(for_pictures=arguments.gallery is not None)
    if not _has_window():
        print(_NO_WINDOW, file=sys.stderr)
        return 1
    if arguments.gallery is not None:
        from mobile.ui.gallery import draw_gallery  # noqa: PLC0415, needs the prepared window

        draw_gallery(arguments.gallery, arguments.only)
        return 0
    from mobile.app import ResidentApp, run  # noqa: PLC0415, needs the prepared window
    from mobile.ports.device import this_device  # noqa: PLC0415

    asyncio.run(run(ResidentApp(settings, this_device(settings))))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m mobile", description=__doc__)
    parser.add_argument(
        "--gallery", type=Path, metavar="DIR", help="draw every screen into DIR and end"
    )
    parser.add_argument(
        "--only", default="*", metavar="PATTERN", help="with --gallery: elder-zh-*-loss*, say"
    )
    return parser.parse_args()


def _prepare_kivy(*, for_pictures: bool) -> None:
    """Set what Kivy reads at its first import; pictures need no screen and no frame rate."""
    os.environ.update(
        KIVY_NO_ARGS="1", KIVY_NO_CONFIG="1", KIVY_NO_FILELOG="1", KIVY_LOG_MODE="PYTHON"
    )
    no_display = not {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
    if for_pictures or (sys.platform == "linux" and no_display):
        os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    os.environ.setdefault("KIVY_IMAGE", "sdl2")  # or every library that reads pictures is loaded
    from kivy.config import Config  # noqa: PLC0415, after the environment

    Config.set("graphics", "width", str(_SIZE[0]))
    Config.set("graphics", "height", str(_SIZE[1]))
    Config.set("graphics", "multisamples", "0")
    if for_pictures:
        Config.set("graphics", "maxfps", "0")
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("input", "mouse", "mouse,disable_multitouch")
    from mobile.ui.kept_rules import load_style  # noqa: PLC0415

    load_style()


def _has_window() -> bool:
    try:
        from kivy.core.window import Window  # noqa: PLC0415
    except SystemExit:
        return False
    return Window is not None


_NO_WINDOW = (
    "没有可用的图形环境，窗口打不开。/ No window can be opened: OpenGL is missing.\n"
    "Debian, Ubuntu: apt-get install libegl1 libgl1 libgl1-mesa-dri libgles2"
)

if __name__ == "__main__":
    sys.exit(main())
