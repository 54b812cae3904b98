"""Camera frames as a venue's camera sees them: a phone's code, 1280×720, from fixed seeds.

The picture is a real QR drawn by segno on a phone-like card, then what a hand and a cheap camera
do to it: tilt in perspective, blur, sensor noise, glare, a thumb over a corner, dim light. Every
draw comes from `numpy`'s generator with the caller's seed, so a frame is the same on every run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import segno
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

WIDTH, HEIGHT = 1280, 720
_DRAWN_MODULE = 8
_QUIET_ZONE = 4
# Half a code's width over its distance from the camera: 3.5 cm at 17 cm.
_NEARNESS = 0.2


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is done to one frame.

    `side` is the code's width in pixels, angles are degrees, `blur` is the Gaussian's sigma in
    pixels, `noise` its sigma in grey levels, `glare` the spot's radius and `thumb` the covered
    share, both as parts of the code's width; `light` scales the brightness.
    """

    side: int = 300
    roll: float = 0.0
    tilt: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    glare: float = 0.0
    thumb: float = 0.0
    light: float = 1.0


EASY = Conditions(roll=4.0, tilt=5.0, blur=0.6, noise=3.0)


def typical(seed: int) -> Conditions:
    """Return the conditions of an ordinary presentation."""
    generator = np.random.default_rng(seed)
    return Conditions(
        side=int(generator.integers(230, 380)),
        roll=float(generator.uniform(-15, 15)),
        tilt=float(generator.uniform(0, 18)),
        blur=float(generator.uniform(0.3, 1.1)),
        noise=float(generator.uniform(2, 6)),
    )


def hard(seed: int) -> Conditions:
    """Return the conditions of a hurried or badly lit presentation."""
    generator = np.random.default_rng(seed)
    return Conditions(
        side=int(generator.integers(200, 330)),
        roll=float(generator.uniform(-30, 30)),
        tilt=float(generator.uniform(8, 30)),
        blur=float(generator.uniform(0.6, 1.7)),
        noise=float(generator.uniform(4, 12)),
        glare=float(generator.choice([0.0, 0.10, 0.15])),
        thumb=float(generator.choice([0.0, 0.0, 0.06])),
        light=float(generator.uniform(0.35, 1.0)),
    )


def draw_code(text: str) -> Picture:
    """Return the QR of `text` with its quiet zone; digits in numeric mode, level M."""
    code = segno.make_qr(text, error="m", boost_error=False)
    rows = [[255 - 255 * bit for bit in row] for row in code.matrix_iter(border=_QUIET_ZONE)]
    small = np.array(rows, dtype=np.uint8)
    return np.kron(small, np.ones((_DRAWN_MODULE, _DRAWN_MODULE), dtype=np.uint8))


def draw_frame(text: str, conditions: Conditions = EASY, seed: int = 0) -> Picture:
    """Return a frame that shows `text` under `conditions`."""
    generator = np.random.default_rng(seed)
    frame = _background(generator)
    code = draw_code(text)
    _cover_with_thumb(code, conditions.thumb)
    matrix = _placing(code.shape[0], conditions, generator)
    seen = cv2.warpPerspective(code, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
    whole = np.full_like(code, 255)
    mask = np.asarray(cv2.warpPerspective(whole, matrix, (WIDTH, HEIGHT)), np.uint8)
    frame = np.where(mask > 127, seen, frame).astype(np.float32)
    if conditions.glare:
        _add_glare(frame, mask, conditions, generator)
    frame *= conditions.light
    if conditions.blur:
        frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), conditions.blur), np.float32)
    frame += generator.normal(0.0, conditions.noise or 1e-6, frame.shape)
    return np.clip(frame, 0, 255).astype(np.uint8)


def empty_frame(seed: int = 0) -> Picture:
    """Return a frame without any code."""
    generator = np.random.default_rng(seed)
    frame = _background(generator) + generator.normal(0.0, 4.0, (HEIGHT, WIDTH))
    return np.clip(frame, 0, 255).astype(np.uint8)


def save_frame(frame: Picture, path: Path) -> None:
    """Write a PNG so that a watching camera sees either nothing or all of it."""
    done, data = cv2.imencode(".png", frame, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    assert done
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data.tobytes())
    part.replace(path)


def save_video(
    frames: Iterator[Picture],
    path: Path,
    frames_per_second: float = 30.0,
    kind: str = "MJPG",
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> None:
    """Write frames as a film, Motion JPEG if nothing else is said, made smaller to `size`."""
    fourcc = cv2.VideoWriter.fourcc(*kind)
    writer = cv2.VideoWriter(str(path), fourcc, frames_per_second, size, isColor=False)
    assert writer.isOpened()
    for frame in frames:
        writer.write(cv2.resize(frame, size, interpolation=cv2.INTER_AREA))
    writer.release()


def _background(generator: np.random.Generator) -> NDArray[np.float32]:
    """A dim hall with a few soft edges, so that a locator has something to be wrong about."""
    coarse = generator.uniform(60, 150, (9, 16)).astype(np.float32)
    frame = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    for _ in range(5):
        x, y = int(generator.integers(0, WIDTH)), int(generator.integers(0, HEIGHT))
        corner = (x + int(generator.integers(40, 300)), y + int(generator.integers(40, 300)))
        cv2.rectangle(frame, (x, y), corner, float(generator.uniform(40, 200)), thickness=-1)
    return np.asarray(frame, dtype=np.float32)


def _placing(
    size: int, conditions: Conditions, generator: np.random.Generator
) -> cv2.typing.MatLike:
    """Return the homography of a flat card turned by roll and tilt before a pinhole camera."""
    roll, tilt = np.radians(conditions.roll), np.radians(conditions.tilt)
    axis = generator.uniform(0, 2 * np.pi)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], dtype=float)
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    flat = corners @ turn.T
    along = flat @ np.array([np.cos(axis), np.sin(axis)])
    across = flat @ np.array([-np.sin(axis), np.cos(axis)])
    depth = 1.0 + along * np.sin(tilt) * _NEARNESS
    shrunk = np.outer(along * np.cos(tilt), [np.cos(axis), np.sin(axis)])
    shrunk += np.outer(across, [-np.sin(axis), np.cos(axis)])
    seen = shrunk / depth[:, None] * conditions.side / 2
    margin = conditions.side * 0.85
    centre = generator.uniform([margin, margin], [WIDTH - margin, HEIGHT - margin])
    source = np.array([[0, 0], [size, 0], [size, size], [0, size]], dtype=np.float32)
    return cv2.getPerspectiveTransform(source, (seen + centre).astype(np.float32))


def _cover_with_thumb(code: Picture, share: float) -> None:
    """Lay a skin-grey disc over the bottom right corner, the one without a finder pattern."""
    if share:
        size = code.shape[0]
        cv2.circle(code, (size, size), int(size * (share + 0.06) * 1.3), 120, thickness=-1)


def _add_glare(
    frame: NDArray[np.float32],
    mask: Picture,
    conditions: Conditions,
    generator: np.random.Generator,
) -> None:
    rows, columns = np.nonzero(mask > 127)
    pick = int(generator.integers(0, len(rows)))
    spot = np.zeros_like(frame)
    radius = int(conditions.glare * conditions.side)
    cv2.circle(spot, (int(columns[pick]), int(rows[pick])), radius, 255.0, thickness=-1)
    frame += cv2.GaussianBlur(spot, (0, 0), radius / 3)
