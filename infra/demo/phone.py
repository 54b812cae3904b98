"""A relative's phone in the running demo city (``make phone WHO=daughter``).

A grandmother and her daughter have a phone each, kept apart in the city's data folder, so that the
one can let the other act for her 亲情代办.
"""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

KNOWN_CITY = "city.json"
INBOX = "/development/sms-inbox"
"""Where the backend of a demonstration shows what would have gone out by SMS."""
GRANDMOTHER, DAUGHTER = "grandmother", "daughter"
_RESIDENTS = {GRANDMOTHER: 1, DAUGHTER: 4}
"""Who they are among the seeded residents."""
_SECONDS = 60


class NoCity(Exception):
    """No demo city runs on the data folder; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Relative:
    """One of the family: by whose id a phone is activated, and what it signs in by."""

    resident_id: str
    masked_name: str
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KnownCity:
    """Where the running city's backend is, and who may be tried."""

    backend_url: str
    family: dict[str, Relative]

    @property
    def inbox_url(self) -> str:
        """Where codes by SMS can be read."""
        return f"{self.backend_url}{INBOX}"


def family_of(seeded: dict[str, Any]) -> dict[str, Relative]:
    """Return the family among what was seeded."""
    people = {who: seeded["residents"][place] for who, place in _RESIDENTS.items()}
    return {
        who: Relative(one["resident_id"], one["masked_name"], one["phone"])
        for who, one in people.items()
    }


def make_known(data_dir: Path, city: KnownCity) -> None:
    """Write down for the phones where the city is."""
    (data_dir / KNOWN_CITY).write_text(json.dumps(asdict(city)), encoding="utf-8")


def known_city(data_dir: Path) -> KnownCity:
    """Return the city that runs on the folder.

    Raises:
        NoCity: none does.
    """
    try:
        told = json.loads((data_dir / KNOWN_CITY).read_text(encoding="utf-8"))
        family = {who: Relative(**one) for who, one in told["family"].items()}
        city = KnownCity(told["backend_url"], family)
        with urlopen(f"{city.backend_url}/readyz", timeout=5):  # noqa: S310, this machine's http
            return city
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoCity(
            f"{data_dir} 上没有正在运行的城市：先在另一个终端 make run\n"
            f"no city runs on {data_dir}: make run in another terminal first"
        ) from error


def environ_of(city: KnownCity, who: str, data_dir: Path) -> dict[str, str]:
    """Return the environment of a relative's app, with a fresh activation code for its first start.

    Raises:
        subprocess.CalledProcessError: the city gives none; its words are on the standard error.
    """
    environ = {**os.environ, "YIKATONG_DATA_DIR": str(data_dir)}
    asked = ["enrolment-code", "--resident", city.family[who].resident_id]
    code = subprocess.check_output(
        [sys.executable, "-m", "backend", *asked], env=environ, text=True, timeout=_SECONDS
    )
    return {
        **environ,
        "YIKATONG_APP_DATA_DIR": str(data_dir / f"phone-{who}"),
        "YIKATONG_APP_BACKEND_URL": city.backend_url,
        "YIKATONG_APP_ENROLMENT_CODE": code.strip(),
    }


def main() -> int:
    """Open a relative's app; returns the app's exit status."""
    parser = argparse.ArgumentParser(prog="make phone")
    parser.add_argument("who", choices=sorted(_RESIDENTS))
    who = parser.parse_args().who
    data_dir = Path(os.environ.get("YIKATONG_DATA_DIR") or ".data").absolute()
    try:
        city = known_city(data_dir)
        environ = environ_of(city, who, data_dir)
    except NoCity as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    except subprocess.CalledProcessError:
        return 1
    relative = city.family[who]
    for line in (
        f"{relative.masked_name} 登录手机号 sign in with   {relative.phone}",
        f"短信验证码在此 codes by SMS    {city.inbox_url}",
    ):
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
    return subprocess.run([sys.executable, "-m", "mobile"], env=environ, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
