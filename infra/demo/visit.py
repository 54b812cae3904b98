"""One visit, end to end: a code, a card, and a screenshot that comes too late."""

import os
import shutil
import time
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from typing import Any

import cv2
from pyzbar.pyzbar import ZBarSymbol
from pyzbar.pyzbar import decode as decode_bars

from infra.demo.announcer import StepFailed
from infra.demo.city import CARD_READER, CARD_SERIAL, LANE_BY_CARD, LANE_BY_CODE, City
from infra.demo.programs import wait_until
from tests.support.virtual_card import LaidCard, SocialSecurityCard

CODE_DIGITS = {467, 469}
SCREENSHOT_AGE_SECONDS = 20
PHONE_SECONDS = 60.0


class Moment(Enum):
    """What has just happened in a visit."""

    CODE_SHOWN = auto()
    ADMITTED_BY_CODE = auto()
    VISIT_SEEN = auto()
    ADMITTED_BY_CARD = auto()
    SCREENSHOT_REFUSED = auto()


def perform_visit(city: City, watch: Callable[[Moment], None] = lambda _: None) -> None:
    """Perform the visit, one line a step; `watch` is told of each moment.

    Raises:
        StepFailed: a step did not happen.
    """
    first_picture, shown_at = _enrol(city)
    watch(Moment.CODE_SHOWN)
    _enter_by_code(city)
    watch(Moment.ADMITTED_BY_CODE)
    _see_the_visit(city)
    watch(Moment.VISIT_SEEN)
    _enter_by_card(city)
    watch(Moment.ADMITTED_BY_CARD)
    _show_the_screenshot(city, first_picture, shown_at)
    watch(Moment.SCREENSHOT_REFUSED)


def _enrol(city: City) -> tuple[bytes, float]:
    with city.announcer.step(
        "手机激活并出示动态码", "the phone enrols and shows its code"
    ) as facts:
        resident = city.seeded["residents"][0]["resident_id"]
        enrolment_code = city.ask("backend", "enrolment-code", "--resident", resident)
        # A phone out of the box each time: it enrols anew.
        for folder in (city.data_dir / "phone", city.screen_dir):
            shutil.rmtree(folder, ignore_errors=True)
        city.screen_dir.mkdir(parents=True)
        display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        driver = {} if display else {"SDL_VIDEODRIVER": "offscreen"}
        phone = city.start("phone", "mobile", YIKATONG_APP_ENROLMENT_CODE=enrolment_code, **driver)
        picture = wait_until(
            "手机没有显示动态码 · the phone shows no code",
            lambda: _newest_code(city.screen_dir),
            [phone, city.programs["backend"]],
            PHONE_SECONDS,
        )
        facts.append("窗口 · window" if display else "离屏 · offscreen")
    return picture, time.monotonic()


def _enter_by_code(city: City) -> None:
    title = ("1 号通道扫码，闸机打开", "lane 1 reads the code and opens the gate")
    with city.announcer.step(*title) as facts:
        answer = _hold_phone_to_camera(city, lambda found: found["verdict"] == "admit")
        _require_gate_opened(city, LANE_BY_CODE)
        facts += [answer["headline"]["zh"], answer["headline"]["en"], _took(answer)]


def _see_the_visit(city: City) -> None:
    with city.announcer.step(
        "记录上传，手机看到这次入馆", "journal synced; the app shows the visit"
    ):
        wait_until(
            "记录没有上传 · the journal is not uploaded",
            lambda: _synced(city),
            list(city.programs.values()),
        )
        venue = city.seeded["venues"][0]["name"]["zh"]
        wait_until(
            f"手机上没有出现“{venue}” · the app does not show the visit",
            lambda: _screen_says(city, venue),
            [city.programs["phone"]],
        )


def _enter_by_card(city: City) -> None:
    title = ("2 号通道刷实体卡，闸机打开", "lane 2 reads the physical card and opens the gate")
    with city.announcer.step(*title) as facts:
        card = SocialSecurityCard("3.00", serial=CARD_SERIAL)
        with LaidCard(city.card_readers.reader_socket(CARD_READER), card):
            answer = wait_until(
                "2 号通道没有回答 · lane 2 does not answer",
                lambda: _answer(city, LANE_BY_CARD, lambda found: found["verdict"] == "look"),
                [city.programs["reader"]],
            )
        _require_gate_opened(city, LANE_BY_CARD)
        facts += [answer["headline"]["zh"], answer["headline"]["en"], _took(answer)]


def _show_the_screenshot(city: City, picture: bytes, shown_at: float) -> None:
    age = SCREENSHOT_AGE_SECONDS
    title = (f"{age} 秒后再出示首个码的截图，被拒", f"its screenshot {age} s later is refused")
    with city.announcer.step(*title) as facts:
        time.sleep(max(0.0, shown_at + age - time.monotonic()))
        _put(city.camera_dir / "screenshot.png", picture)
        answer = wait_until(
            "截图没有被拒 · the screenshot is not refused",
            lambda: _answer(city, LANE_BY_CODE, lambda found: found["reason"] == "stale"),
            [city.programs["reader"]],
        )
        facts += [answer["headline"]["zh"], answer["headline"]["en"]]


def _hold_phone_to_camera(city: City, wanted: Callable[[Any], bool]) -> Any:
    """Let lane 1's camera see what the phone shows, until the lane answers as wanted."""
    copied: set[str] = set()

    def look() -> Any | None:
        for frame in sorted(city.screen_dir.glob("frame-*.png")):
            if frame.name not in copied:
                copied.add(frame.name)
                _put(city.camera_dir / frame.name, _bytes(frame))
        return _answer(city, LANE_BY_CODE, wanted)

    programs = [city.programs["reader"], city.programs["phone"]]
    answer = wait_until("1 号通道没有放行 · lane 1 does not admit", look, programs)
    for frame in city.camera_dir.iterdir():
        frame.unlink()
    return answer


def _answer(city: City, lane: int, wanted: Callable[[Any], bool]) -> Any | None:
    state = city.get_json(f"{city.reader_url}/api/lanes") or {"lanes": []}
    for shown in state["lanes"]:
        if shown["number"] == lane and shown["answers"] and wanted(shown["answers"][0]):
            return shown["answers"][0]
    return None


def _synced(city: City) -> bool | None:
    state = city.get_json(f"{city.reader_url}/api/lanes")
    return True if state and state["sync"]["unsent"] == 0 else None


def _newest_code(screen: Path) -> bytes | None:
    """Return the newest picture on which a code of the right length can be read."""
    for frame in sorted(screen.glob("frame-*.png"), reverse=True)[:1]:
        picture = _bytes(frame)
        pixels = cv2.imread(str(frame), cv2.IMREAD_GRAYSCALE)
        found = [] if pixels is None else decode_bars(pixels, symbols=[ZBarSymbol.QRCODE])
        if any(len(bar.data) in CODE_DIGITS for bar in found):
            return picture
    return None


def _screen_says(city: City, words: str) -> bool | None:
    """Tell whether the phone's screen, as it would be read aloud, has the words."""
    spoken = city.screen_dir / "screen.txt"
    return True if spoken.is_file() and words in spoken.read_text(encoding="utf-8") else None


def _require_gate_opened(city: City, lane: int) -> None:
    gate = city.data_dir / "gates" / f"lane-{lane}"
    if not gate.is_file() or not gate.read_text(encoding="utf-8").strip():
        raise StepFailed(f"{lane} 号闸机没有打开 · the gate of lane {lane} did not open")


def _took(answer: Any) -> str:
    return f"{answer['took_ms']:.0f} ms"


def _bytes(picture: Path) -> bytes:
    try:
        return picture.read_bytes()
    except FileNotFoundError:  # the phone keeps only its newest pictures
        return b""


def _put(target: Path, picture: bytes) -> None:
    """Write as a camera driver expects it: whole or not at all."""
    if picture:
        partial = target.with_suffix(".part")
        partial.write_bytes(picture)
        partial.rename(target)
