"""The deeds with licences in the audit log; all of them are told to the holder (S118)."""

from collections.abc import Iterable
from datetime import datetime

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Actor, ActorKind, Deed, Organisation, System
from backend.licences.registry import LicenceKind
from backend.licences.rules import KIND_WORDS
from shared.localized_text import LocalizedText

REGISTRY = Organisation(
    "licence_registry", LocalizedText("市电子证照库", "Municipal licence registry")
)
_WORDS = {
    "licences.requested": ("申请查看您的电子证照", "Asked to see licences of yours"),
    "licences.fetched": ("查看了您的电子证照", "Saw licences of yours"),
    "licences.granted": ("您同意窗口查看电子证照", "You let a desk see licences"),
    "licences.refused": ("您没有同意窗口查看电子证照", "You did not let a desk see licences"),
    "licences.withdrawn": ("您撤回了查看电子证照的同意", "You took back that a desk sees licences"),
    "licences.own": ("查看了自己的电子证照", "Looked up one's own licences"),
}


def by_desk(
    by: Caller,
    action: str,
    resident_id: str | None,
    kinds: Iterable[LicenceKind],
    at: datetime,
    purpose: str = "",
    result: str = audit.OK,
) -> Deed:
    """Return what a desk did; the words name the kinds, the reason is what it said it is for."""
    return Deed(
        at=at,
        actor=by.actor,
        action=action,
        words=_words(action, kinds),
        system=System.COUNTER,
        subject=resident_id,
        organisation=by.organisation,
        reason=purpose,
        result=result,
    )


def by_holder(
    action: str,
    resident_id: str,
    desk: Organisation,
    kinds: Iterable[LicenceKind],
    at: datetime,
) -> Deed:
    """Return what the holder decided, or looked up."""
    return Deed(
        at=at,
        actor=Actor(ActorKind.RESIDENT, resident_id),
        action=action,
        words=_words(action, kinds),
        system=System.APP,
        subject=resident_id,
        organisation=desk,
    )


def _words(action: str, kinds: Iterable[LicenceKind]) -> LocalizedText:
    zh, en = _WORDS[action]
    named = [KIND_WORDS[one] for one in kinds]
    if not named:
        return LocalizedText(zh, en)
    return LocalizedText(
        f"{zh}：{'、'.join(one.zh for one in named)}", f"{en}: {', '.join(one.en for one in named)}"
    )
