"""What the operator decides, read once from the environment (prefix `YIKATONG_`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from shared.localized_text import LocalizedText

PREFIX = "YIKATONG_"
GANZHOU = 360700  # 赣州


class StartRefused(Exception):
    """The program cannot start as it is set up; `text` says why and what to do."""

    def __init__(self, text: LocalizedText) -> None:
        super().__init__(text.en)
        self.text = text


class Environment(StrEnum):
    """Development makes what is missing; production refuses to start without it."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Settings:
    """The backend's settings.

    `mongodb_uri` None means the embedded mongod; `mongod` names its binary and `mongod_port` fixes
    its port. `region` is the issuing city's GB/T 2260 number; its English
    name stands in no public table, so it is set with it.
    """

    environment: Environment
    data_dir: Path
    keys_dir: Path
    mongodb_uri: str | None
    mongod: str | None
    mongod_port: int | None
    database: str
    host: str
    port: int
    region: int
    region_name_en: str

    @property
    def production(self) -> bool:
        """Whether real residents are served."""
        return self.environment is Environment.PRODUCTION


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises:
        StartRefused: a value is wrong or missing; the text names the variable.
    """
    environment = _environment(environ)
    data_dir = Path(_value(environ, "DATA_DIR") or ".data").absolute()
    keys_dir = _value(environ, "KEYS_DIR")
    # The name without the prefix is the one that other tools of MongoDB's world use.
    uri = _value(environ, "MONGODB_URI") or environ.get("MONGODB_URI", "").strip() or None
    if environment is Environment.PRODUCTION:
        for name, value in (("KEYS_DIR", keys_dir), ("MONGODB_URI", uri)):
            if value is None:
                raise _missing(name)
    return Settings(
        environment=environment,
        data_dir=data_dir,
        keys_dir=Path(keys_dir).absolute() if keys_dir else data_dir / "keys",
        mongodb_uri=uri,
        mongod=environ.get("MONGOD") or None,
        mongod_port=_number(environ, "MONGOD_PORT", None, 1, 65535),
        database=_value(environ, "DATABASE") or "yikatong",
        host=_value(environ, "HOST") or "127.0.0.1",
        port=_required_number(environ, "PORT", 8000, 1, 65535),
        region=_required_number(environ, "REGION", GANZHOU, 110000, 999999),
        region_name_en=_value(environ, "REGION_NAME_EN") or _default_region_name(environ),
    )


def _value(environ: Mapping[str, str], name: str) -> str | None:
    return environ.get(PREFIX + name, "").strip() or None


def _environment(environ: Mapping[str, str]) -> Environment:
    text = _value(environ, "ENVIRONMENT") or Environment.DEVELOPMENT.value
    try:
        return Environment(text)
    except ValueError as error:
        raise _wrong("ENVIRONMENT", "development / production") from error


def _required_number(
    environ: Mapping[str, str], name: str, default: int, low: int, high: int
) -> int:
    number = _number(environ, name, default, low, high)
    return default if number is None else number


def _number(
    environ: Mapping[str, str], name: str, default: int | None, low: int, high: int
) -> int | None:
    text = _value(environ, name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise _wrong(name, f"{low}-{high}")
    return int(text)


def _default_region_name(environ: Mapping[str, str]) -> str:
    region = _value(environ, "REGION")
    return "Ganzhou" if region in {None, str(GANZHOU)} else str(region)


def _wrong(name: str, allowed: str) -> StartRefused:
    return StartRefused(
        LocalizedText(
            f"环境变量 {PREFIX}{name} 的值不对，可用：{allowed}。请改正后再启动。",
            f"The environment variable {PREFIX}{name} has a wrong value; allowed: {allowed}. "
            "Correct it and start again.",
        )
    )


def _missing(name: str) -> StartRefused:
    return StartRefused(
        LocalizedText(
            f"生产环境必须设置环境变量 {PREFIX}{name}。",
            f"Production needs the environment variable {PREFIX}{name}; set it and start again.",
        )
    )
