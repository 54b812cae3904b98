"""What the environment tells the app."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mobile.core.venue import Position

_PREFIX = "YIKATONG_APP_"
_POLE, _DATE_LINE = 90.0, 180.0


class InvalidSetting(ValueError):
    """A setting that cannot be used; the message names it and says what it must be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The app's settings.

    `enrolment_code` is what a link from a service outlet carries on a phone; `mirror_dir` turns on
    the development aid of `mobile.ui.mirror`. On a desktop, files for the user go to
    `documents_dir`; `picture` stands in for a camera, and `position` for what a phone finds out.
    """

    data_dir: Path
    documents_dir: Path
    backend_url: str
    enrolment_code: str
    mirror_dir: Path | None
    picture: Path | None = None
    position: Position | None = None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings of `environment` (YIKATONG_APP_…).

    Raises:
        InvalidSetting: a value cannot be used.
    """
    picture = environment.get(f"{_PREFIX}PICTURE", "")
    mirror = environment.get(f"{_PREFIX}MIRROR_DIR", "")
    return Settings(
        data_dir=Path(environment.get(f"{_PREFIX}DATA_DIR") or ".data/app"),
        documents_dir=Path(environment.get(f"{_PREFIX}DOCUMENTS_DIR") or Path.home() / "Downloads"),
        backend_url=_backend_url(
            environment.get(f"{_PREFIX}BACKEND_URL") or "http://127.0.0.1:8000"
        ),
        enrolment_code=environment.get(f"{_PREFIX}ENROLMENT_CODE", "").strip(),
        mirror_dir=Path(mirror) if mirror else None,
        picture=Path(picture) if picture else None,
        position=_position(environment.get(f"{_PREFIX}POSITION", "")),
    )


def _position(value: str) -> Position | None:
    if not value:
        return None
    try:
        latitude, longitude = map(float, value.split(","))
    except ValueError:
        latitude = longitude = math.nan
    if not (abs(latitude) <= _POLE and abs(longitude) <= _DATE_LINE):
        raise InvalidSetting(
            f"{_PREFIX}POSITION = {value!r}: must be latitude,longitude such as 25.83,114.93"
            f" / 须为形如 25.83,114.93 的纬度,经度"
        )
    return Position(latitude, longitude)


def _backend_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise InvalidSetting(
            f"{_PREFIX}BACKEND_URL = {value!r}: must be an address such as https://host:8000"
            f" / 须为形如 https://host:8000 的地址"
        )
    return value.rstrip("/")
