"""What is known of one thing: its name, how it stands, and facts under plain questions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """An answer with its sign; of several, each is a line of `text`."""

    icon: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class FactCard:
    """One thing on a card of its own; without a `state` there is none to tell.

    `attention` is for a state that somebody should act on, `plain` for one that is over.
    """

    facts: tuple[Fact, ...]
    title: str = ""
    state: str = ""
    icon: str = ""
    attention: bool = False
    plain: bool = False

    def said(self) -> str:
        """Return it in words to be said."""
        facts = [f"{one.heading}：{'，'.join(one.text.splitlines())}" for one in self.facts]
        return "。".join(filter(None, (self.title, self.state, *facts)))
