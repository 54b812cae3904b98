"""What is recorded of people using their rights, in their words."""

from datetime import datetime

from backend.foundation.access import Caller
from backend.foundation.audit import OK, Deed, System, refused
from backend.foundation.refusals import Refusal
from shared.localized_text import LocalizedText

ACKNOWLEDGED = LocalizedText("阅读了告知书", "Acknowledged a notice")
CONSENT_GIVEN = LocalizedText("给出了一项单独同意", "Gave a separate consent")
CONSENT_WITHDRAWN = LocalizedText("撤回了一项单独同意", "Withdrew a separate consent")
COPIED = LocalizedText("取得了个人信息副本", "Took a copy of the personal information")


def of_caller(
    caller: Caller,
    action: str,
    words: LocalizedText,
    resident_id: str | None,
    at: datetime,
    refusal: Refusal | None = None,
) -> Deed:
    """Return the deed of whoever asks; people's own routine is not "use of their data"."""
    return Deed(
        at=at,
        actor=caller.actor,
        action=action,
        words=words,
        system=System.COUNTER if caller.staff_id else System.APP,
        subject=resident_id,
        organisation=caller.organisation,
        result=OK if refusal is None else refused(refusal),
        disclosed=caller.resident_id != resident_id,
    )
