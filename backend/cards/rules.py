"""What a card and its phones may do: pure, on values."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backend.foundation.refusals import Refusal, refusal
from shared.ecode.algorithms import PublicKey
from shared.ecode.certificate import (
    DEFAULT_LIFETIME_HOURS,
    AgeBand,
    CertificateClaims,
    ConcessionLevel,
)
from shared.identity.age import age_on, local_day

CODE_DIGITS = 10
CODE_VALID = timedelta(minutes=15)
MAX_BOUND_DEVICES = 5
MAX_DEVICE_NAME = 40
_CODE = re.compile(r"[0-9]{10}")

_OUTLET = ("请到社保卡服务网点办理。", "Go to a card service outlet.")
CARD_SUSPENDED = refusal(
    "card_suspended",
    ("这张卡已临时挂失。", "This card is suspended."),
    ("找到卡后请解除挂失，再试一次。", "Once you have found the card, lift the suspension."),
)
CARD_REVOKED = refusal("card_revoked", ("这张卡已失效。", "This card is no longer valid."), _OUTLET)
HOLDER_ABSENT = refusal(
    "holder_not_resident",
    ("持卡人信息不再有效。", "The holder's record is no longer in force."),
    _OUTLET,
)
DEVICE_UNKNOWN = refusal(
    "device_unknown",
    ("这部手机还没有激活。", "This phone is not activated."),
    ("请用激活码激活。", "Activate it with an activation code."),
)
DEVICE_UNBOUND = refusal(
    "device_unbound",
    ("这部手机已解除绑定。", "This phone is no longer bound to the card."),
    ("请用新的激活码重新激活。", "Activate it again with a new code."),
)
TOO_MANY_DEVICES = refusal(
    "too_many_devices",
    ("这张卡绑定的手机已达上限。", "This card has as many phones as it may have."),
    ("请先解除一部不用的手机。", "Unbind a phone you no longer use."),
)
KEY_IN_USE = refusal(
    "device_key_in_use",
    ("这部手机的密钥已被使用。", "This phone's key is already in use."),
    ("请重新安装应用后再激活。", "Install the app anew and activate it again."),
)
CODE_WRONG = refusal(
    "enrolment_code_wrong",
    ("激活码不对、已用过或已过期。", "The code is wrong, used or expired."),
    ("请核对10位数字，或申请新的激活码。", "Check the 10 digits, or ask for a new code."),
)
TOO_MANY_TRIES = refusal(
    "too_many_tries",
    ("输错次数过多。", "There were too many wrong tries."),
    ("请一分钟后再试。", "Wait a minute and try again."),
)
DEVICE_NAME_FORM = refusal(
    "device_name_form",
    ("手机名称应为1至40个字。", "A phone's name has 1 to 40 characters."),
    ("请换一个名称。", "Choose another name."),
)
CARD_EXISTS = refusal(
    "card_exists",
    ("这位居民已有一张有效的卡。", "This resident already has a valid card."),
    ("请先注销或更换原卡。", "Revoke or replace that card first."),
)
CARD_IN_USE = refusal(
    "card_digest_in_use",
    ("这张实体卡已登记在其他记录上。", "This physical card is registered elsewhere."),
    ("请核对卡识别码。", "Check the card's identification code."),
)
CARD_UNKNOWN = refusal(
    "card_unknown",
    ("没有这张卡。", "There is no such card."),
    ("请核对卡的编号。", "Check the card's id."),
)
STATE_FINAL = refusal(
    "card_state_final",
    ("已注销的卡不能恢复。", "A revoked card cannot be restored."),
    ("请补办新卡。", "Have a new card issued."),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether a phone gets a certificate."""

    card_state: str
    holder_present: bool
    device_bound: bool = True
    bound_devices: int = 0


def may_be_certified(standing: Standing) -> Refusal | None:
    """Tell why a phone gets no certificate, or None where it does."""
    if standing.card_state == "REVOKED":
        return CARD_REVOKED
    if standing.card_state == "SUSPENDED":
        return CARD_SUSPENDED
    if not standing.holder_present:
        return HOLDER_ABSENT
    return None if standing.device_bound else DEVICE_UNBOUND


def may_enrol(standing: Standing) -> Refusal | None:
    """Tell why another phone cannot be enrolled, or None where it can."""
    if standing.bound_devices >= MAX_BOUND_DEVICES:
        return TOO_MANY_DEVICES
    return may_be_certified(standing)


def may_change_state(present: str, to: str) -> Refusal | None:
    """Tell why a card's state cannot become `to`; revoked is final."""
    return STATE_FINAL if present == "REVOKED" != to else None


def code_of(text: str) -> str | Refusal:
    """Return an activation code as typed: spaces and hyphens between its digits are accepted."""
    code = text.replace(" ", "").replace("-", "")
    return code if _CODE.fullmatch(code) else CODE_WRONG


def device_name_of(text: str) -> str | Refusal:
    """Return a phone's name as its owner will see it."""
    name = text.strip()
    return name if 1 <= len(name) <= MAX_DEVICE_NAME and name.isprintable() else DEVICE_NAME_FORM


def age_band(birth: date, now: datetime) -> AgeBand:
    """Return the holder's age band on the city's present day."""
    return AgeBand.of_age(age_on(birth, local_day(now)))


@dataclass(frozen=True, slots=True)
class CertifiedPhone:
    """The facts a certificate is made of."""

    region: int
    issuer_key_id: int
    card_index: int
    device_serial: int
    device_key: PublicKey
    birth: date


def claims_for(phone: CertifiedPhone, now: datetime) -> CertificateClaims:
    """Return the claims of a certificate that holds from the present hour for 48 h."""
    return CertificateClaims(
        region=phone.region,
        issuer_key_id=phone.issuer_key_id,
        card_index=phone.card_index,
        device_serial=phone.device_serial,
        age_band=age_band(phone.birth, now),
        concession=ConcessionLevel.NONE,
        represented=False,
        not_before=now.replace(minute=0, second=0, microsecond=0),
        lifetime_hours=DEFAULT_LIFETIME_HOURS,
        device_key=phone.device_key,
    )


def renew_after(not_before: datetime, not_after: datetime) -> datetime:
    """Return when a phone should ask for the next certificate: at half of this one's life."""
    return not_before + (not_after - not_before) / 2
