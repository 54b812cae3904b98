"""What is recorded of deeds about cards and their phones, in the holder's words."""

from dataclasses import replace
from datetime import datetime

from backend.cards.card_writes import SYSTEM, Happening
from backend.cards.lifecycle import SERVICES, CardEvent
from backend.foundation.access import Caller
from backend.foundation.audit import OK, OPERATOR, Actor, ActorKind, Deed, System, refused
from backend.foundation.audit_outbox import OWN
from backend.foundation.refusals import Refusal
from shared.localized_text import LocalizedText

_HOUSE = Actor(ActorKind.SYSTEM, "cards")
ENROLLED = LocalizedText("用激活码激活了一部手机", "Activated a phone with a code")
ADDED = LocalizedText("登记了一部手机，等待核验", "Made a phone known, to be verified")
VERIFYING = LocalizedText("请求经人脸核验启用一部手机", "Asked to verify a phone by face")
VERIFIED = LocalizedText("经人脸核验启用了一部手机", "Verified a phone by face")
UNBOUND = LocalizedText("解除了一部手机的绑定", "Unbound a phone")
RENEWED = LocalizedText("手机更新了电子社保卡证书", "A phone renewed its certificate")
CODE_MADE = LocalizedText("生成了手机激活码", "Made an activation code for a phone")
PAPER_MADE = LocalizedText("打印了纸质当日码", "Printed a paper code for a day")
PAPER_REVOKED = LocalizedText("撤销了纸质当日码", "Revoked a paper code")
TAKEN_OVER = LocalizedText("登记了已在用的社保卡", "Registered a card already in use")
ATTESTED = LocalizedText("登记了一项优待身份证明", "Recorded an attestation of a concession")
RENAMED = LocalizedText(
    "姓名已按人口库更新；卡面仍为原名，可到网点换卡",
    "Your name was changed; the card still shows the old one, an outlet replaces it",
)
POLICY_CHANGED = LocalizedText("修改了电子社保卡使用规则", "Changed the e-card policy")


def of_service(what: Happening, resident_id: str, why: Refusal | None = None) -> Deed:
    """Return the deed of one of the card services; `why` where it was tried and refused."""
    return of_event(what.event, what.by, resident_id, what.at, why)


def of_policy(by: Caller, at: datetime, why: Refusal | None = None) -> Deed:
    """Return the deed of setting the e-card policy."""
    result = OK if why is None else refused(why)
    return of_caller(by, "cards.policy_changed", POLICY_CHANGED, None, at, result)


def of_event(
    event: CardEvent, by: Caller, resident_id: str | None, at: datetime, why: Refusal | None
) -> Deed:
    """Return the deed of a card service that was asked for; without a resident, nobody's card."""
    result = OK if why is None else refused(why)
    return of_caller(by, f"cards.{event.lower()}", words_of(event), resident_id, at, result)


def words_of(event: CardEvent) -> LocalizedText:
    """Return what a card service is called in the log."""
    name = SERVICES[event].name
    return LocalizedText(f"社保卡业务：{name.zh}", f"Card service: {name.en}")


def of_caller(
    by: Caller,
    action: str,
    words: LocalizedText,
    resident_id: str | None,
    at: datetime,
    result: str = OK,
) -> Deed:
    """Return the deed of whoever is signed in, or of the house itself."""
    system = System.COUNTER if by.staff_id else System.APP if by.resident_id else System.BATCH
    return Deed(
        at=at,
        actor=_HOUSE if by is SYSTEM else by.actor,
        action=action,
        words=words,
        system=system,
        subject=resident_id,
        organisation=by.organisation,
        result=result,
    )


def of_phone(
    action: str,
    words: LocalizedText,
    resident_id: str,
    at: datetime,
    *,
    origin: str = "",
    disclosed: bool = True,
    why: Refusal | None = None,
) -> Deed:
    """Return the deed of a holder's phone, known by its key; `why` where it was refused."""
    return Deed(
        at=at,
        actor=Actor(ActorKind.RESIDENT, resident_id),
        action=action,
        words=words,
        system=System.APP,
        subject=resident_id,
        result=OK if why is None else refused(why),
        origin=origin,
        disclosed=disclosed,
    )


def of_renewal(at: datetime) -> Deed:
    """Return the deed of a phone's routine; the card that keeps its row names the holder."""
    own = Actor(ActorKind.RESIDENT, OWN)
    action = "cards.certificate_renewed"
    return Deed(at, own, action, RENEWED, System.APP, subject=OWN, disclosed=False)


def refused_deed(deed: Deed, why: Refusal) -> Deed:
    """Return a deed as one that was tried and refused."""
    return replace(deed, result=refused(why))


def of_operator(action: str, words: LocalizedText, resident_id: str | None, at: datetime) -> Deed:
    """Return the deed of whoever runs a command on the server."""
    return Deed(
        at=at,
        actor=OPERATOR,
        action=action,
        words=words,
        system=System.BATCH,
        subject=resident_id,
    )
