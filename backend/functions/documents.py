"""How functions, people's choices, lists and card types are stored."""

from datetime import datetime
from typing import ClassVar

from beanie import Document
from pydantic import BaseModel
from pymongo import ASCENDING, DESCENDING, IndexModel

from backend.functions.rules import FunctionStatus, MergeStatus


class Owner(BaseModel):
    """The department that a function or card type belongs to."""

    code: str
    zh: str
    en: str


class StoredFunction(Document):
    """A card function; its id is the function's code, `grant` a `FunctionGrant`."""

    id: str  # type: ignore[assignment]  # the code, not an ObjectId
    owner: Owner
    zh: str
    en: str
    status: FunctionStatus
    grant: int
    since: datetime
    until: datetime | None = None
    params: dict[str, str]
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "card_functions"
        keep_nulls = False


class FunctionChoice(Document):
    """What somebody chose for one function; its id is made of both, so there is one of each.

    `since` is when it became what it is.
    """

    id: str  # type: ignore[assignment]  # resident and function, not an ObjectId
    resident_id: str
    function: str
    enabled: bool
    since: datetime

    class Settings:
        """Where it is stored."""

        name = "function_choices"
        indexes: ClassVar = [
            IndexModel("resident_id"),
            IndexModel([("function", ASCENDING), ("enabled", ASCENDING)]),
            IndexModel("since"),
        ]


class StoredFunctionList(Document):
    """The newest signed list of a function, whose code is its id.

    `fingerprint` stands for what it says, `read_at` is when reading the choices began.
    """

    id: str  # type: ignore[assignment]  # the code, not an ObjectId
    epoch: int
    content: bytes
    fingerprint: bytes
    read_at: datetime
    issued_at: datetime

    class Settings:
        """Where it is stored."""

        name = "function_lists"


class StoredCardType(Document):
    """A card type beside the one card; its id is the type's code, `sunset` an ISO date."""

    id: str  # type: ignore[assignment]  # the code, not an ObjectId
    owner: Owner
    zh: str
    en: str
    functions: list[str]
    merge_status: MergeStatus
    sunset: str | None = None
    registered_at: datetime

    class Settings:
        """Where it is stored."""

        name = "card_types"
        keep_nulls = False
        indexes: ClassVar = [IndexModel("functions")]


class CardTypeViolation(Document):
    """An attempt to issue a card for functions that are merged: a case for the supervisors."""

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    card_type: str
    zh: str
    en: str
    owner: Owner
    functions: list[str]
    asked_by: str
    at: datetime

    class Settings:
        """Where it is stored."""

        name = "card_type_violations"
        indexes: ClassVar = [IndexModel([("at", DESCENDING), ("_id", DESCENDING)])]
