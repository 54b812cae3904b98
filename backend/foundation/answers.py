"""GraphQL types that every area answers with."""

from collections.abc import Callable
from typing import TypeVar

import strawberry
from graphql import GraphQLError

from backend.foundation.refusals import Refusal
from shared.localized_text import LocalizedText

Found = TypeVar("Found")
Made = TypeVar("Made")


@strawberry.type(name="LocalizedText", description="One text in both languages of the product.")
class LocalizedTextAnswer:
    """One text in both languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, text: LocalizedText) -> "LocalizedTextAnswer":
        """Return a text as an answer."""
        return cls(zh=text.zh, en=text.en)


@strawberry.type(name="Refusal", description="An expected no: its name, words and a next step.")
class RefusalAnswer:
    """An expected refusal."""

    code: str
    text: LocalizedTextAnswer
    next_step: LocalizedTextAnswer

    @classmethod
    def of(cls, refused: Refusal) -> "RefusalAnswer":
        """Return a refusal as an answer."""
        return cls(
            code=refused.code,
            text=LocalizedTextAnswer.of(refused.text),
            next_step=LocalizedTextAnswer.of(refused.next_step),
        )


def answer_of(found: Found | Refusal, make: Callable[[Found], Made]) -> Made | RefusalAnswer:
    """Return what a service said as a union's member: its refusal, or what `make` makes of it."""
    return RefusalAnswer.of(found) if isinstance(found, Refusal) else make(found)


class OperationRefused(GraphQLError):
    """Ends a field whose type has no place for a refusal; it reaches the client unmasked."""

    def __init__(self, refused: Refusal) -> None:
        super().__init__(
            refused.text.en,
            extensions={
                "code": refused.code,
                "text": {"zh": refused.text.zh, "en": refused.text.en},
                "nextStep": {"zh": refused.next_step.zh, "en": refused.next_step.en},
            },
        )
