"""Every text of the app that is not the server's, in plain Mandarin and in English."""

from mobile.core.texts import (
    attendance,
    booking,
    booking_steps,
    calling,
    card,
    card_loss,
    entering,
    everywhere,
    exams,
    family,
    guides,
    library,
    licences,
    looked_after,
    me,
    paper,
    passes,
    payment,
    payout,
    rating,
    recommending,
    registering,
    rights,
    services,
    stored_value,
    subsidies,
    timeline,
    training,
    venues,
)
from shared.localized_text import Language, LocalizedText

_PARTS = (
    everywhere,
    entering,
    card,
    booking,
    booking_steps,
    calling,
    venues,
    passes,
    training,
    card_loss,
    me,
    family,
    payout,
    rights,
    registering,
    services,
    timeline,
    paper,
    library,
    licences,
    looked_after,
    attendance,
    guides,
    stored_value,
    subsidies,
    payment,
    recommending,
    exams,
    rating,
)
TEXTS: dict[str, LocalizedText] = {key: text for part in _PARTS for key, text in part.TEXTS.items()}


def say(language: Language, key: str, **values: object) -> str:
    """Return the text of `key` with `values` filled in.

    Raises:
        KeyError: there is no such text, or a value is missing.
    """
    return TEXTS[key].in_language(language).format(**values)
