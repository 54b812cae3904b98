"""A made-up card and what goes with it, at a moment that stands still."""

from datetime import UTC, date, datetime, timedelta

from mobile.core.account import Tokens
from mobile.core.bound_phone import BoundPhone, PhoneState
from mobile.core.card import Card, CardState, IssuedCertificate
from mobile.core.data_use import DataUse
from mobile.core.paper_code import PaperCode
from mobile.core.timeline import TimelineRow
from mobile.core.trouble import Trouble
from mobile.core.visits import Visit
from mobile.services.wallet import Wallet
from shared.ecode.algorithms import Algorithm, PublicKey, SoftwareKey
from shared.ecode.certificate import (
    AgeBand,
    CertificateClaims,
    ConcessionLevel,
    issue_certificate,
)
from shared.localized_text import LocalizedText

NOW = datetime(2026, 11, 22, 6, 30, 7, tzinfo=UTC)
_GANZHOU = 360700
WRONG_CODE = Trouble(
    "enrolment_code_wrong",
    LocalizedText("激活码不对或已过期", "The activation code is wrong or has expired"),
    LocalizedText(
        "请核对 10 位数字；仍不行就重新领取", "Check the 10 digits, or ask for a new code"
    ),
)
LOCKED = Trouble(
    "sign_in_locked",
    LocalizedText("输错次数过多，已暂时锁定。", "There were too many wrong tries."),
    LocalizedText("请在14:45后再试。", "Try again after 14:45 (Beijing time)."),
)
SMS_CODE_WRONG = Trouble(
    "sms_code_wrong",
    LocalizedText("验证码不对、已用过或已过期。", "The code is wrong, used or expired."),
    LocalizedText("请核对6位数字，或重新获取。", "Check the 6 digits, or ask for another."),
)
SESSION_ENDED = Trouble(
    "session_ended",
    LocalizedText("登录已结束。", "This sign-in has ended."),
    LocalizedText("请重新登录。", "Sign in again."),
)
TOKENS = Tokens("ses_1", "", NOW + timedelta(days=1), "", holder="res_1")


def made_up_wallet(device: PublicKey) -> Wallet:
    """Return a wallet with some visits, for the phone of that key."""
    museum = LocalizedText("中央红军长征出发地纪念园", "Long March Departure Memorial Park")
    library = LocalizedText("赣州市图书馆", "Ganzhou City Library")
    lanes = [LocalizedText(f"{number} 号通道", f"Lane {number}") for number in (1, 2)]
    late = LocalizedText("动态码已过期", "The code was too old")
    return Wallet(
        card=Card("钟*明", "5341", LocalizedText("江西省赣州市", "Ganzhou"), CardState.ACTIVE),
        certificate=certificate_of(device, 3),
        visits=(
            Visit("1", NOW - timedelta(minutes=4), museum, lanes[0], "ECODE", "ADMITTED", None),
            Visit("2", NOW - timedelta(minutes=5), museum, lanes[0], "ECODE", "REFUSED", late),
            Visit("3", NOW - timedelta(days=1, hours=3), library, lanes[1], "CARD", "LOOK", None),
            Visit("4", NOW - timedelta(days=8), library, lanes[0], "ECODE", "ADMITTED", None),
        ),
        seen_at=NOW - timedelta(seconds=20),
        offset=timedelta(0),
    )


TIMELINE = (
    TimelineRow(
        "3",
        NOW - timedelta(minutes=4),
        "VISIT",
        LocalizedText("中央红军长征出发地纪念园", "Long March Departure Memorial Park"),
        LocalizedText("已进入", "Admitted"),
    ),
    TimelineRow(
        "2",
        NOW - timedelta(hours=4),
        "BOOKING",
        LocalizedText("中央红军长征出发地纪念园", "Long March Departure Memorial Park"),
        LocalizedText("已到场 · 纪念馆参观", "Attended · Memorial hall"),
    ),
    TimelineRow(
        "1",
        NOW - timedelta(days=30),
        "PASS",
        LocalizedText("赣州旅游年卡", "Ganzhou Annual Pass"),
        LocalizedText("办理了票券", "Took a pass"),
    ),
    TimelineRow(
        "0b",
        NOW - timedelta(days=31),
        "LOAN",
        LocalizedText("客家文化通论", "A Study of Hakka Culture"),
        LocalizedText("借书 · 已归还", "Borrowed · returned"),
    ),
    TimelineRow(
        "0a",
        NOW - timedelta(days=44),
        "CARD",
        LocalizedText("启用", "Enable"),
        LocalizedText("正常", "In use"),
    ),
)

_TODAY = date(2026, 11, 22)
_AN_HOUR_AGO = NOW - timedelta(hours=1)
PAPERS = (
    PaperCode("pap_1", _TODAY, NOW - timedelta(minutes=5), "HOLDER", live=True, over=False),
    PaperCode("pap_2", _TODAY, _AN_HOUR_AGO, "DELEGATE", live=False, over=False),
    PaperCode("pap_3", date(2026, 11, 21), NOW - timedelta(days=1), "OUTLET", live=True, over=True),
)
PHONES = (
    BoundPhone(
        2,
        "Pixel 9",
        PhoneState.BOUND,
        NOW - timedelta(days=40),
        NOW + timedelta(hours=45),
        None,
        is_this=True,
    ),
    BoundPhone(
        1,
        "HUAWEI Mate 60",
        PhoneState.BOUND,
        NOW - timedelta(days=300),
        NOW + timedelta(hours=20),
        None,
        is_this=False,
    ),
    BoundPhone(
        0,
        "Redmi Note 8",
        PhoneState.UNBOUND,
        NOW - timedelta(days=900),
        NOW - timedelta(days=298),
        NOW - timedelta(days=300),
        is_this=False,
    ),
)

USES = (
    DataUse(
        "4",
        NOW - timedelta(minutes=4),
        LocalizedText("验证二维码，准予进入", "Checked the code and admitted"),
        LocalizedText("中央红军长征出发地纪念园", "Long March Departure Memorial Park"),
        "reader",
        done=True,
    ),
    DataUse(
        "3",
        NOW - timedelta(hours=5),
        LocalizedText("查看完整的身份证号码", "Looked at the full identity number"),
        LocalizedText("章贡区社会保障卡服务中心", "Zhanggong District Card Service Centre"),
        "counter",
        done=False,
    ),
    DataUse(
        "2",
        NOW - timedelta(days=1, hours=2),
        LocalizedText("查看姓名和卡状态", "Looked at the name and the card's state"),
        LocalizedText("章贡区社会保障卡服务中心", "Zhanggong District Card Service Centre"),
        "counter",
        done=True,
    ),
)


def certificate_of(device: PublicKey, hours_old: int) -> IssuedCertificate:
    """Return a certificate for two days that began some hours ago."""
    start = NOW.replace(minute=0, second=0) - timedelta(hours=hours_old)
    claims = CertificateClaims(
        region=_GANZHOU,
        issuer_key_id=1,
        card_index=1,
        device_serial=1,
        age_band=AgeBand.ADULT,
        concession=ConcessionLevel.NONE,
        represented=False,
        not_before=start,
        lifetime_hours=48,
        device_key=device,
    )
    issuer = SoftwareKey.generate(Algorithm.ED25519)
    return IssuedCertificate(issue_certificate(claims, issuer), start + timedelta(hours=24))
