"""The card holder who asks for something: by the phone that speaks for the card, or signed in."""

from dataclasses import dataclass

from backend.cards.lifecycle import CardState
from backend.mandates.acting import Acting


@dataclass(frozen=True, slots=True)
class Asking:
    """The resident who asks, by which key (its thumbprint), with a card in which state.

    `card` is None where they have none; `origin` is the network address. With `acting` somebody
    else asks for them, under a mandate 代办: `thumbprint` is then that person's key.
    """

    resident_id: str
    thumbprint: str
    card: CardState | None
    origin: str = ""
    acting: Acting | None = None
