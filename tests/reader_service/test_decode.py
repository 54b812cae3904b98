"""Decoders on pictures as a camera gives them."""

import subprocess
import sys

import cv2
import numpy as np
import pytest
import segno
from typing_extensions import override

from reader_service.decode.code_reader import CodeReader, open_code_reader
from reader_service.decode.decoder import NoDecoder, Picture, load_decoders
from reader_service.decode.region import locate, shrink
from reader_service.devices.shot import Jpeg
from tests.support.frames import (
    EASY,
    HEIGHT,
    WIDTH,
    Conditions,
    draw_code,
    draw_frame,
    empty_frame,
    hard,
    typical,
)

CODE = "".join(str(digit) for digit in np.random.default_rng(3).integers(0, 10, 467))
BOTH = ("zxing-cpp", "pyzbar")
FRAMES = 24


def _read_share(names: tuple[str, ...], frames: list[Picture]) -> float:
    read = [open_code_reader(names).read(frame) == [CODE] for frame in frames]
    return sum(read) / len(read)


@pytest.fixture(scope="module")
def typical_frames() -> list[Picture]:
    return [draw_frame(CODE, typical(seed), seed) for seed in range(FRAMES)]


@pytest.fixture(scope="module")
def hard_frames() -> list[Picture]:
    return [draw_frame(CODE, hard(seed), seed) for seed in range(FRAMES)]


def test_frames_are_the_same_on_every_run() -> None:
    assert np.array_equal(draw_frame(CODE, hard(5), 5), draw_frame(CODE, hard(5), 5))


@pytest.mark.parametrize(
    ("names", "least"), [(BOTH, 1.0), (("zxing-cpp",), 1.0), (("pyzbar",), 0.9)]
)
def test_typical_frames_are_read(
    typical_frames: list[Picture], names: tuple[str, ...], least: float
) -> None:
    assert _read_share(names, typical_frames) >= least


@pytest.mark.parametrize(
    ("names", "least"), [(BOTH, 0.85), (("zxing-cpp",), 0.8), (("pyzbar",), 0.5)]
)
def test_hard_single_frames_are_mostly_read(
    hard_frames: list[Picture], names: tuple[str, ...], least: float
) -> None:
    assert _read_share(names, hard_frames) >= least


def test_the_preparation_is_worth_its_time(hard_frames: list[Picture]) -> None:
    [pyzbar] = load_decoders(("pyzbar",))
    plain = sum(pyzbar.read_frame(frame) == [CODE] for frame in hard_frames)
    prepared = sum(
        pyzbar.read_region(locate(shrink(frame)).cut(frame)) == [CODE] for frame in hard_frames
    )

    assert prepared > plain


@pytest.mark.parametrize("names", [("zxing-cpp",), ("pyzbar",)])
def test_the_text_is_never_another(hard_frames: list[Picture], names: tuple[str, ...]) -> None:
    for frame in hard_frames:
        assert open_code_reader(names).read(frame) in ([], [CODE])


@pytest.mark.parametrize("names", [("zxing-cpp",), ("pyzbar",)])
def test_a_frame_without_a_code_gives_nothing(names: tuple[str, ...]) -> None:
    reader = open_code_reader(names)

    assert [reader.read(empty_frame(seed)) for seed in range(12)] == [[]] * 12


@pytest.mark.parametrize("names", [("zxing-cpp",), ("pyzbar",)])
@pytest.mark.parametrize("text", ["https://example.org/?收款=1", "WIFI:S:net;P:x;;", "12345"])
def test_foreign_codes_are_read_as_what_they_are(names: tuple[str, ...], text: str) -> None:
    frame = draw_frame(text, EASY)

    assert open_code_reader(names).read(frame) == [text]


@pytest.mark.parametrize("names", [("zxing-cpp",), ("pyzbar",)])
def test_bytes_that_are_no_text_do_no_harm(names: tuple[str, ...]) -> None:
    symbol = segno.make_qr(bytes(range(128, 250)), mode="byte", error="m")
    rows = [[255 - 255 * bit for bit in row] for row in symbol.matrix_iter(border=4)]
    frame = np.full((HEIGHT, WIDTH), 128, np.uint8)
    code = np.kron(np.array(rows, np.uint8), np.ones((6, 6), np.uint8))
    frame[40 : 40 + len(code), 60 : 60 + len(code)] = code

    [text] = open_code_reader(names).read(frame)

    assert not text.isdigit()


@pytest.mark.parametrize("shape", [(720, 1280), (97, 101), (12, 9), (3, 3)])
def test_pictures_of_any_size_are_taken(shape: tuple[int, int]) -> None:
    reader = open_code_reader(BOTH)
    for seed in range(11):
        noise = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
        assert reader.read(noise) == []


@pytest.mark.parametrize("names", [("zxing-cpp",), ("pyzbar",)])
def test_a_phones_own_picture_is_read(names: tuple[str, ...]) -> None:
    screen = np.full((1600, 900), 247, np.uint8)
    code = draw_code(CODE)
    screen[400 : 400 + code.shape[0], 100 : 100 + code.shape[1]] = code

    assert open_code_reader(names).read(screen) == [CODE]


def test_what_draws_the_locator_away_is_found_by_the_tenth_frame() -> None:
    frame = draw_frame(CODE, Conditions(side=260, blur=0.5, noise=2.0), 8)
    bits = np.random.default_rng(1).integers(0, 2, (42, 42), dtype=np.uint8)
    busy = np.kron(bits, np.full((10, 10), 255, np.uint8))
    # The busier half is the one without the code.
    left = frame[:, : WIDTH // 2].std() < frame[:, WIDTH // 2 :].std()
    frame[150:570, (40 if left else 820) : (460 if left else 1240)] = busy
    reader = open_code_reader(("zxing-cpp",))

    answers = [reader.read(frame) for _ in range(10)]

    assert answers[:9] == [[]] * 9
    assert answers[9] == [CODE]


def test_a_busy_edge_around_much_that_is_calm_is_not_taken_for_the_code() -> None:
    bits = np.random.default_rng(1).integers(0, 2, (HEIGHT // 8, WIDTH // 8), dtype=np.uint8)
    busy = np.kron(bits, np.full((8, 8), 255, np.uint8))
    frame = np.full((HEIGHT, WIDTH), 128, np.uint8)
    frame[60:660, 40:840] = busy[60:660, 40:840]
    frame[92:628, 72:808] = 128
    frame[160:520, 900:1260] = busy[160:520, 900:1260]

    area = locate(shrink(frame))

    assert area.busy
    assert area.columns.start > 840


class _Counting:
    """A decoder that counts its pictures, and sees what zxing-cpp sees."""

    def __init__(self) -> None:
        self.asked = 0
        [self._real] = load_decoders(("zxing-cpp",))

    def read_region(self, region: Picture) -> list[str]:
        self.asked += 1
        return self._real.read_region(region)

    def read_frame(self, frame: Picture) -> list[str]:
        self.asked += 1
        return self._real.read_frame(frame)


def _seen_again(frame: Picture, noise: float, seed: int) -> Picture:
    generator = np.random.default_rng(seed)
    return np.clip(frame + generator.normal(0.0, noise, frame.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("seed", "noise"), [(1, 3.0), (2, 12.0)])
def test_a_hall_that_stands_still_is_hardly_searched_and_a_code_in_it_read_at_once(
    seed: int, noise: float
) -> None:
    hall, decoder = empty_frame(seed), _Counting()
    reader = CodeReader([decoder])
    seen = [_seen_again(hall, noise, number) for number in range(5)]
    for number in range(10):
        assert reader.read(seen[number % 5]) == []
    assert decoder.asked == 11
    for number in range(10):
        assert reader.read(seen[(number + 1) % 5]) == []
    assert decoder.asked == 12

    # The same hall, with a phone in it: its background is drawn from the same seed.
    assert reader.read(draw_frame(CODE, Conditions(side=300, noise=noise), seed)) == [CODE]


def test_a_code_that_is_held_still_and_seldom_readable_is_looked_at_again() -> None:
    frame = draw_frame(CODE, EASY, 5)

    class Seldom(_Counting):
        @override
        def read_region(self, region: Picture) -> list[str]:
            texts = super().read_region(region)
            return texts if self.asked > 12 else []

        @override
        def read_frame(self, frame: Picture) -> list[str]:
            del frame
            self.asked += 1
            return []

    reader, seen = CodeReader([Seldom()]), [_seen_again(frame, 3.0, number) for number in range(3)]

    assert [CODE] in [reader.read(seen[number % 3]) for number in range(40)]


def test_a_jpeg_is_decoded_whole_only_where_it_may_hold_a_code() -> None:
    plain, shown = np.full((HEIGHT, WIDTH), 90, np.uint8), draw_frame(CODE, EASY, 5)
    for picture, whole, texts in ((plain, 0, []), (shown, 1, [CODE])):
        asked: list[int] = []
        jpeg = Jpeg(np.asarray(cv2.imencode(".jpg", picture)[1], np.uint8).reshape(-1))
        small = jpeg.quarter()
        assert small is not None
        assert small.shape == (HEIGHT // 4, WIDTH // 4)

        def decode(jpeg: Jpeg = jpeg, asked: list[int] = asked) -> Picture | None:
            asked.append(1)
            return jpeg.picture()

        assert open_code_reader(BOTH).look(small, decode) == texts
        assert len(asked) == whole


def test_the_order_is_the_settings() -> None:
    class Never:
        def read_region(self, _: Picture) -> list[str]:
            pytest.fail("the first decoder had already read it")

        def read_frame(self, _: Picture) -> list[str]:
            pytest.fail("the first decoder had already read it")

    [pyzbar] = load_decoders(("pyzbar",))

    assert CodeReader([pyzbar, Never()]).read(draw_frame(CODE)) == [CODE]


def test_pyzbar_alone_reads_where_zxing_is_not_installed() -> None:
    script = (
        "import sys; sys.modules['zxingcpp'] = None\n"
        "from reader_service.decode.code_reader import open_code_reader\n"
        "from tests.support.frames import draw_frame\n"
        "code = '7' * 467\n"
        "reader = open_code_reader(('zxing-cpp', 'pyzbar'))\n"
        "assert [type(d).__name__ for d in reader._decoders] == ['ZbarDecoder']\n"
        "assert reader.read(draw_frame(code)) == [code]\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_no_decoder_at_all_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "reader_service.decode.zxing", None)

    with pytest.raises(NoDecoder, match="zxing-cpp"):
        load_decoders(("zxing-cpp",))
