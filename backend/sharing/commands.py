"""What an operator takes out for a compliance audit at the command line."""

import argparse
from datetime import datetime

from backend.foundation.operations import Services
from backend.sharing.evidence import Evidence, as_json
from shared.clock import LOCAL_ZONE


def add_evidence_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `compliance-evidence`."""
    words = "a local day such as 2026-01-01 / 日期"
    parser.add_argument("--from", dest="since", required=True, type=_day, help=words)
    parser.add_argument("--to", dest="until", required=True, type=_day, help="not included")


async def evidence(services: Services, options: argparse.Namespace) -> str:
    """Return the evidence of a time as JSON, after writing down that it was taken out."""
    return as_json(await services[Evidence].gather(options.since, options.until))


def _day(text: str) -> datetime:
    try:
        day = datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - a local day
    except ValueError:
        raise argparse.ArgumentTypeError("a local day such as 2026-01-01") from None
    return day.replace(tzinfo=LOCAL_ZONE)
