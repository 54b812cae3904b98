"""Scans as uses of a person's data: whose card was shown, at which venue, and how it ended."""

from collections.abc import Mapping
from typing import Any

from backend.datause.service import DataUseFacts, DataUseSource
from backend.foundation.audit import System
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.localized_text import LocalizedText


def _use(scan: Mapping[str, Any]) -> DataUseFacts:
    lane = LocalizedText(**scan["lane_name"])
    if scan["verdict"] == Verdict.AGAIN:
        action = LocalizedText(
            f"在{lane.zh}咨询时查询通行结果", f"Checked at {lane.en}, for a question there"
        )
    elif scan["medium"] == Medium.CARD:
        action = LocalizedText(f"在{lane.zh}读取社保卡", f"Read your card at {lane.en}")
    elif scan["medium"] == Medium.PAPER:
        action = LocalizedText(
            f"在{lane.zh}核验纸质当日码", f"Checked your paper code at {lane.en}"
        )
    elif "mandate" in scan:
        action = LocalizedText(
            f"在{lane.zh}核验代办人出示的电子社保卡",
            f"Checked your code, shown by your delegate, at {lane.en}",
        )
    else:
        action = LocalizedText(f"在{lane.zh}核验电子社保卡", f"Checked your code at {lane.en}")
    return DataUseFacts(
        row_id=scan["_id"],
        logtime=scan["at"],
        action=action,
        receiver_code=f"venue:{scan['venue_number']}",
        receiver_name=LocalizedText(**scan["venue_name"]),
        receiver_system=System.READER.value,
        done=scan["verdict"] != Verdict.REFUSE,
        mandate=scan.get("mandate"),
    )


SCANS = DataUseSource(
    collection="scans",
    person="visitor",
    at="scanned_at",
    fields=("venue_number", "venue_name", "lane_name", "medium", "verdict", "mandate"),
    read=_use,
)
