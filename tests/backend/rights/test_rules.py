from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.rights.rules import CONSENT_NEEDED, Consent, consent_refusal, pending_notices
from backend.rights.texts import read_texts

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
TEXTS = read_texts()
FACE = TEXTS.purposes["face_check"]
STANDS = Consent(FACE.version, NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("consent", "refused"),
    [
        (None, True),
        (STANDS, False),
        (replace(STANDS, withdrawn=True), True),
        (replace(STANDS, until=NOW), True),
        (replace(STANDS, until=NOW + timedelta(milliseconds=1)), False),
        # What was agreed to is not what would be done now (PIPL 14).
        (replace(STANDS, version=FACE.version - 1), True),
        (replace(STANDS, version=FACE.version + 1), True),
    ],
)
def test_only_a_consent_to_the_present_words_that_stands_opens_a_purpose(
    consent: Consent | None, *, refused: bool
) -> None:
    assert consent_refusal(consent, FACE, NOW) == (CONSENT_NEEDED if refused else None)


def test_a_new_version_of_a_notice_is_shown_again() -> None:
    notices = list(TEXTS.notices.values())
    seen = {(one.code, one.version) for one in notices}

    assert pending_notices(notices, set()) == notices
    assert pending_notices(notices, seen) == []
    newer = replace(notices[0], version=notices[0].version + 1)
    assert pending_notices([newer, *notices[1:]], seen) == [newer]
