"""How venues are stored."""

from typing import Any

from beanie import Document
from pydantic import BaseModel


class Words(BaseModel):
    """A text in both languages."""

    zh: str
    en: str


class Lane(BaseModel):
    """One lane 通道; `number` is unique within the venue."""

    number: int
    name: Words


class Venue(Document):
    """A venue; its id is the short number (uint16) that codes and manifests carry.

    `rules` are `shared.admission.rules.AdmissionRules` as they go over the wire.
    """

    id: int  # type: ignore[assignment]  # the venue's number, not an ObjectId
    name: Words
    region: int
    purpose: int
    lanes: list[Lane]
    rules: dict[str, Any]

    class Settings:
        """Where it is stored."""

        name = "venues"
