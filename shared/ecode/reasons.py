"""Why a code or card was not admitted: one name each, with words for staff and for the holder.

The names go over the wire and into journals, so they never change meaning. `explain` fills in the
numbers a refusal carries (how many seconds off, which lane).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique

from shared.ecode.admission_words import ADMISSION_WORDS
from shared.ecode.moment import say_moment
from shared.localized_text import LocalizedText

Detail = Mapping[str, int | str]
READER_OFF = "reader_off"
"""In a detail: by how many seconds this reader's own clock is off, which is why it refuses."""


@unique
class Reason(StrEnum):
    """Every reason, in the order in which the checks stand."""

    NOT_OURS = "not_ours"
    DAMAGED = "damaged"
    VERSION_UNKNOWN = "version_unknown"
    CERTIFICATE_NOT_YET_VALID = "certificate_not_yet_valid"
    CERTIFICATE_EXPIRED = "certificate_expired"
    PAPER_NOT_YET = "paper_not_yet"
    PAPER_DAY_OVER = "paper_day_over"
    STALE = "stale"
    CLOCK_AHEAD = "clock_ahead"
    ALGORITHM_UNSUPPORTED = "algorithm_unsupported"
    ISSUER_UNKNOWN = "issuer_unknown"
    ISSUER_KEY_NOT_VALID = "issuer_key_not_valid"
    CARD_REVOKED = "card_revoked"
    CARD_SUSPENDED = "card_suspended"
    DEVICE_UNBOUND = "device_unbound"
    PAPER_VOID = "paper_void"
    CERTIFICATE_FORGED = "certificate_forged"
    PROOF_FORGED = "proof_forged"
    REPRESENTATIVE_NOT_ALLOWED = "representative_not_allowed"
    WRONG_PURPOSE = "wrong_purpose"
    WRONG_VENUE = "wrong_venue"
    WRONG_CHALLENGE = "wrong_challenge"
    PAPER_NOT_ALLOWED = "paper_not_allowed"
    REPLAYED = "replayed"
    PAPER_SHOWN_TWICE = "paper_shown_twice"

    REGION_NOT_ACCEPTED = "region_not_accepted"
    CARD_NOT_AUTHENTICATED = "card_not_authenticated"
    FUNCTION_CLOSED = "function_closed"
    FUNCTION_DISABLED = "function_disabled"

    NOT_LOCAL = "not_local"
    NOT_LOCAL_YET = "not_local_yet"
    NO_LONGER_LOCAL = "no_longer_local"
    LOCAL_PENDING = "local_pending"
    AGE_TOO_YOUNG = "age_too_young"
    AGE_TOO_OLD = "age_too_old"
    AGE_UNPROVEN = "age_unproven"
    CATEGORY_NOT_HELD = "category_not_held"
    CATEGORY_EXPIRED = "category_expired"
    CONCESSION_NOT_HELD = "concession_not_held"
    SCENE_ENDED = "scene_ended"
    PASS_NEEDED = "pass_needed"  # noqa: S105 - a ticket
    PASS_OTHER_VENUE = "pass_other_venue"  # noqa: S105
    PASS_EXPIRED = "pass_expired"  # noqa: S105
    PASS_USED_UP = "pass_used_up"  # noqa: S105
    PASS_PERSONAL = "pass_personal"  # noqa: S105
    BOOKING_NEEDED = "booking_needed"
    ALREADY_USED = "already_used"
    BOOKING_TOO_LATE = "booking_too_late"
    SCENE_NOT_BEGUN = "scene_not_begun"
    CLOSED_FOR_LONG = "closed_for_long"
    NOT_OPEN = "not_open"
    LAST_ENTRY_PASSED = "last_entry_passed"
    PASS_NOT_YET = "pass_not_yet"  # noqa: S105
    PASS_BLACKOUT = "pass_blackout"  # noqa: S105
    BOOKING_TOO_EARLY = "booking_too_early"
    ENTRIES_USED_UP = "entries_used_up"
    TOO_SOON = "too_soon"
    ALREADY_INSIDE = "already_inside"
    AREA_FULL = "area_full"

    UNKNOWN_CARD_TYPE = "unknown_card_type"
    TRANSIT_CARD = "transit_card"
    CARD_EXPIRED = "card_expired"
    CARD_REMOVED = "card_removed"
    CARD_MUTE = "card_mute"
    CARD_UNREADABLE = "card_unreadable"
    CARD_FORGED = "card_forged"

    JOURNAL_FULL = "journal_full"
    JOURNAL_LOCKED = "journal_locked"
    TERMINAL_BLOCKED = "terminal_blocked"
    LISTS_MISSING = "lists_missing"
    LISTS_TOO_OLD = "lists_too_old"
    CAMERA_LOST = "camera_lost"
    DECODER_LOST = "decoder_lost"
    READER_SERVICE_DOWN = "reader_service_down"
    SECURITY_MODULE_LOST = "security_module_lost"
    SCANNER_LOST = "scanner_lost"


TRY_AGAIN = frozenset(
    {Reason.DAMAGED, Reason.CARD_REMOVED, Reason.CARD_MUTE, Reason.CARD_UNREADABLE}
)
"""A second attempt is the next step: closer, brighter, hold still."""

OWN_FAULT = frozenset(
    {
        Reason.JOURNAL_FULL,
        Reason.JOURNAL_LOCKED,
        Reason.TERMINAL_BLOCKED,
        Reason.LISTS_MISSING,
        Reason.LISTS_TOO_OLD,
        Reason.CAMERA_LOST,
        Reason.DECODER_LOST,
        Reason.READER_SERVICE_DOWN,
        Reason.SECURITY_MODULE_LOST,
        Reason.SCANNER_LOST,
    }
)
"""The venue's equipment is at fault, not the visitor."""


@dataclass(frozen=True, slots=True)
class ReasonText:
    """A refusal in three parts for two readers.

    `staff` is what the lane shows, `resident` what the holder's phone or the staff says, and
    `next_step` what to do now.
    """

    staff: LocalizedText
    resident: LocalizedText
    next_step: LocalizedText


def explain(reason: Reason, detail: Detail, now: datetime | None = None) -> ReasonText:
    """Return the words of `reason` with the numbers of `detail` in them.

    A number that `detail` lacks is shown as "?"; nothing a code carried is ever put into a text
    but the numbers computed by the checks. With `now`, a moment of today or tomorrow is said so.
    """
    text = READER_CLOCK if READER_OFF in detail else TEXTS[reason]
    zh, en = _Known(detail), _Known(detail)
    for name, value in detail.items():
        moment = say_moment(value, now) if isinstance(value, str) else None
        if moment is not None:
            zh[name], en[name] = moment.zh, moment.en
    return ReasonText(
        *(
            LocalizedText(part.zh.format_map(zh), part.en.format_map(en))
            for part in (text.staff, text.resident, text.next_step)
        )
    )


class _Known(dict[str, int | str]):
    def __missing__(self, key: str) -> str:
        return "?"


def _text(*parts: tuple[str, str]) -> ReasonText:
    staff, resident, next_step = (LocalizedText(*part) for part in parts)
    return ReasonText(staff, resident, next_step)


_RENEW = ("请连上网络打开应用，码会自动更新", "Go online and open the app; it renews itself")
_OUTLET = ("请到社保卡服务网点办理", "Please go to a card service outlet")
_HELP = ("请联系本馆负责人，先人工放行或改走其他通道", "Call the duty manager; use another lane")

READER_CLOCK = _text(
    ("本机时间差 {reader_off} 秒", "This reader's clock is {reader_off} s off"),
    ("闸机的时间不准，不是您手机的问题", "The gate's clock is wrong, not your phone's"),
    (
        "请改走其他通道或人工放行；请管理员校准本机时间",
        "Use another lane or let in by hand; have this reader's clock set",
    ),
)
TEXTS: Mapping[Reason, ReasonText] = {
    Reason.NOT_OURS: _text(
        ("不是社保卡码", "Not a card code"),
        ("这不是电子社保卡的二维码", "This is not an e-card code"),
        ("请打开一卡通应用，出示“我的码”", "Open the app and show “My code”"),
    ),
    Reason.DAMAGED: _text(
        ("码不完整", "Code damaged"),
        ("没有读全二维码", "The code was not read whole"),
        ("请擦净屏幕、调亮、靠近再试", "Wipe the screen, turn it brighter, hold it closer"),
    ),
    Reason.VERSION_UNKNOWN: _text(
        ("码版本 {version} 未支持", "Code version {version} not supported"),
        ("本机还不认识这个版本的码", "This reader does not know this version of the code"),
        ("请出示实体卡，并提醒管理员升级本机", "Show the physical card; have the reader updated"),
    ),
    Reason.CERTIFICATE_NOT_YET_VALID: _text(
        ("凭证 {minutes} 分钟后才生效", "Certificate starts in {minutes} min"),
        ("手机里的凭证还没到生效时间", "The phone's certificate is not valid yet"),
        _RENEW,
    ),
    Reason.CERTIFICATE_EXPIRED: _text(
        ("凭证已过期 {hours} 小时", "Certificate ended {hours} h ago"),
        ("手机离线太久，凭证已到期", "The phone was offline too long; its certificate ended"),
        _RENEW,
    ),
    Reason.PAPER_NOT_YET: _text(
        ("纸质码 {date} 才可用", "Paper code is for {date}"),
        ("这张纸质当日码只限 {date} 当天", "This paper code is good on {date} only"),
        ("请当天再用；现在请出示实体卡", "Use it on that day; now show the physical card"),
    ),
    Reason.PAPER_DAY_OVER: _text(
        ("纸质码只限 {date} 当天", "Paper code was for {date}"),
        ("这张纸质当日码只限 {date} 当天", "This paper code was good on {date} only"),
        ("请重新打印当日码，或出示实体卡", "Print one for today, or show the physical card"),
    ),
    Reason.STALE: _text(
        ("码已过时 {seconds} 秒", "Code is {seconds} s old"),
        (
            "这是截图或旧码，或手机时间慢了",
            "A screenshot, an old code, or a slow phone clock",
        ),
        (
            "请出示应用里正在变化的码；若仍不行，校准手机时间（慢约 {seconds} 秒）",
            "Show the live code; if it stays, set the phone's clock ({seconds} s slow)",
        ),
    ),
    Reason.CLOCK_AHEAD: _text(
        ("手机时间快 {seconds} 秒", "Phone clock {seconds} s fast"),
        ("手机的时间比实际快 {seconds} 秒", "The phone's clock is {seconds} s fast"),
        (
            "请把手机时间设为自动，再出示一次",
            "Set the phone's time to automatic and try again",
        ),
    ),
    Reason.ALGORITHM_UNSUPPORTED: _text(
        ("本机不支持此码的算法", "Algorithm not supported here"),
        ("本机还不能验证这种码", "This reader cannot check this kind of code"),
        ("请出示实体卡，并提醒管理员升级本机", "Show the physical card; have the reader updated"),
    ),
    Reason.ISSUER_UNKNOWN: _text(
        ("未知发码地区 {region}", "Unknown issuer {region}"),
        ("本馆还不认识这个地区发的码", "This venue does not know the region that issued the code"),
        ("请出示实体卡或到服务台登记", "Show the physical card or go to the desk"),
    ),
    Reason.ISSUER_KEY_NOT_VALID: _text(
        ("发码密钥已停用", "Issuer key no longer valid"),
        ("签发这个码的密钥已停用", "The key behind this code is no longer in use"),
        _RENEW,
    ),
    Reason.CARD_REVOKED: _text(
        ("卡已注销或正式挂失", "Card revoked"),
        ("这张社保卡已注销或正式挂失", "This card was cancelled or reported lost for good"),
        _OUTLET,
    ),
    Reason.CARD_SUSPENDED: _text(
        ("卡已临时挂失", "Card suspended"),
        ("这张社保卡正在临时挂失", "This card is temporarily suspended"),
        ("本人可在应用里解挂，或到网点办理", "The holder can lift it in the app or at an outlet"),
    ),
    Reason.DEVICE_UNBOUND: _text(
        ("此手机已解绑", "Phone unbound"),
        ("这部手机已从社保卡解绑", "This phone was removed from the card"),
        ("请在应用里重新激活这部手机", "Activate this phone again in the app"),
    ),
    Reason.PAPER_VOID: _text(
        ("纸质码已作废", "Paper code void"),
        ("这张纸质码已撤销，或之后又打印过新的", "It was revoked, or another was printed since"),
        ("请用最新打印的一张，或出示实体卡", "Use the newest print, or the physical card"),
    ),
    Reason.CERTIFICATE_FORGED: _text(
        ("伪造：凭证签名不符", "Forged: certificate signature"),
        ("凭证不是发卡机构签发的", "The certificate was not signed by the issuer"),
        (
            "请出示实体卡；可疑时请联系负责人",
            "Ask for the physical card; call the manager",
        ),
    ),
    Reason.PROOF_FORGED: _text(
        ("伪造：手机签名不符", "Forged: phone signature"),
        ("这个码不是持卡人手机生成的", "The holder's phone did not make this code"),
        ("请出示应用里正在变化的码", "Show the live code in the app"),
    ),
    Reason.REPRESENTATIVE_NOT_ALLOWED: _text(
        ("此处不可代办", "No representative here"),
        (
            "这里要本人出示，家人不能代为出示",
            "The holder must be present in person",
        ),
        ("请本人到场，或到服务台办理", "Come in person, or go to the desk"),
    ),
    Reason.WRONG_PURPOSE: _text(
        ("码用于其他场景", "Code made for another scene"),
        ("这个码是为别的场景生成的", "This code was made for another scene"),
        ("请回到“我的码”首页再出示", "Go back to “My code” and show it again"),
    ),
    Reason.WRONG_VENUE: _text(
        ("码用于其他场馆", "Code made for another venue"),
        ("这个码是为别的场馆生成的", "This code was made for another venue"),
        ("请回到“我的码”首页再出示", "Go back to “My code” and show it again"),
    ),
    Reason.WRONG_CHALLENGE: _text(
        ("挑战码不符", "Challenge does not match"),
        ("没有使用本馆显示的挑战码", "The challenge code shown by the venue was not used"),
        ("请在应用里输入屏幕上的数字", "Enter the number on the venue's screen in the app"),
    ),
    Reason.REPLAYED: _text(
        ("此码已在 {lane} 号通道用过", "Already used at lane {lane}"),
        ("这个码刚刚已经用过一次", "This code was just used"),
        ("请等码刷新（5 秒）后再出示", "Wait 5 s for a new code and show that"),
    ),
    Reason.PAPER_SHOWN_TWICE: _text(
        ("纸质码刚在 {lane} 号通道用过", "Paper code just used at lane {lane}"),
        ("这张纸质码刚刚已经用过", "This paper code was just used"),
        ("请核对是否复印件，再到服务台办理", "Check for a photocopy; go to the desk"),
    ),
    Reason.PAPER_NOT_ALLOWED: _text(
        ("此处不收纸质码", "Paper codes not taken here"),
        ("这里不接受纸质当日码", "Paper day codes are not taken here"),
        (
            "请出示实体卡或手机上的码，或到服务台",
            "Show the card or a phone's code, or go to the desk",
        ),
    ),
    Reason.REGION_NOT_ACCEPTED: _text(
        ("本馆不收 {region} 的卡", "Cards of {region} not accepted"),
        ("本馆暂不接受外地社保卡", "This venue does not take cards of that region yet"),
        ("请到服务台登记入馆", "Please register at the desk"),
    ),
    Reason.CARD_NOT_AUTHENTICATED: _text(
        ("卡片未经认证", "Card not authenticated"),
        ("本机不能确认这张卡的真伪", "This reader cannot prove the card genuine"),
        ("请出示电子社保卡码或到服务台", "Show the e-card code or go to the desk"),
    ),
    Reason.FUNCTION_CLOSED: _text(
        ("卡功能未开放", "Card function not open"),
        ("这里使用的卡功能尚未开始或已停办", "The function used here has not begun or has ended"),
        ("请到服务台咨询", "Please ask at the desk"),
    ),
    Reason.FUNCTION_DISABLED: _text(
        ("卡上没有开通此功能", "Function not enabled on the card"),
        ("您的卡还没有开通这里使用的功能", "Your card does not have the function used here"),
        (
            "本人可在应用里开通，或到网点办理；名单更新后生效",
            "The holder can enable it in the app or at an outlet; it counts with the next list",
        ),
    ),
    Reason.UNKNOWN_CARD_TYPE: _text(
        ("不是社会保障卡", "Not a social security card"),
        ("这张卡不是社会保障卡", "This card is not a social security card"),
        ("请换用社会保障卡或电子社保卡码", "Use the social security card or the e-card code"),
    ),
    Reason.TRANSIT_CARD: _text(
        ("交通联合卡，不能入馆", "Transit card, no admission"),
        ("交通卡能查看，不能证明持卡人身份", "A transit card can be shown but proves nobody"),
        ("请换用社会保障卡或电子社保卡码", "Use the social security card or the e-card code"),
    ),
    Reason.CARD_EXPIRED: _text(
        ("卡已过有效期 {date}", "Card expired {date}"),
        ("这张社保卡已过有效期", "This card is past its date"),
        _OUTLET,
    ),
    Reason.CARD_REMOVED: _text(
        ("卡片移开太早", "Card taken away too early"),
        ("还没读完，卡就移开了", "The card left before it was read"),
        ("请重新放卡，听到提示音再拿开", "Put the card back and wait for the tone"),
    ),
    Reason.CARD_MUTE: _text(
        ("卡片没有应答", "Card does not answer"),
        ("卡片没有应答", "The card does not answer"),
        ("请擦净芯片、换面重放；仍不行请用码", "Wipe the chip and try again, or use the code"),
    ),
    Reason.CARD_UNREADABLE: _text(
        ("卡片读不出", "Card cannot be read"),
        ("卡里的信息读不出来", "The card's data cannot be read"),
        ("请再放一次；仍不行请用电子社保卡码", "Try once more, or use the e-card code"),
    ),
    Reason.CARD_FORGED: _text(
        ("卡片认证失败", "Card failed authentication"),
        ("这张卡没有通过真伪认证", "This card did not prove to be genuine"),
        ("请核对证件，并报告管理员", "Check the person's papers and tell the administrator"),
    ),
    Reason.JOURNAL_FULL: _text(
        ("记录无法保存", "Cannot record"),
        ("本机存储已满，暂时不能放行", "This reader's storage is full; it cannot admit"),
        ("请清理本机磁盘；先改走其他通道", "Free the reader's disk; use another lane"),
    ),
    Reason.JOURNAL_LOCKED: _text(
        ("记录打不开", "Records locked"),
        (
            "记录的密钥不对或不见了，暂时不能放行",
            "The records' key is wrong or gone; it cannot admit",
        ),
        ("请放回密钥；先改走其他通道", "Put the key back; use another lane"),
    ),
    Reason.TERMINAL_BLOCKED: _text(
        ("本机已被停用", "This reader is blocked"),
        ("这台读卡终端已被停用", "This reader was taken out of use"),
        ("请改走其他通道，并联系平台管理员", "Use another lane; call the city card platform"),
    ),
    Reason.LISTS_MISSING: _text(
        ("还没有名单", "No lists yet"),
        ("本机还没有下载信任名单", "This reader has not downloaded its lists yet"),
        ("请检查网络，或用备用通道", "Check the network, or use another lane"),
    ),
    Reason.LISTS_TOO_OLD: _text(
        ("名单太旧（{hours} 小时）", "Lists too old ({hours} h)"),
        ("本机名单太久没有更新", "This reader's lists are too old"),
        ("请恢复网络，或用 U 盘更新名单", "Restore the network or bring new lists"),
    ),
    Reason.CAMERA_LOST: _text(
        ("摄像头断开", "Camera lost"), ("扫码口暂停使用", "The scanner is out of order"), _HELP
    ),
    Reason.DECODER_LOST: _text(
        ("识码程序重启中", "Decoder restarting"),
        ("扫码口暂停几秒", "The scanner pauses for some seconds"),
        _HELP,
    ),
    Reason.READER_SERVICE_DOWN: _text(
        ("读卡服务停止", "Card reader service down"),
        ("刷卡口暂停使用", "The card reader is out of order"),
        _HELP,
    ),
    Reason.SECURITY_MODULE_LOST: _text(
        ("安全模块（PSAM）无响应", "Security module (PSAM) not answering"),
        ("本机暂时不能确认卡的真伪", "This reader cannot prove cards genuine now"),
        ("请检查PSAM卡座；刷卡按未认证处理", "Check the PSAM slot; cards count as unproven"),
    ),
    Reason.SCANNER_LOST: _text(
        ("扫码枪断开", "Scan gun lost"),
        ("扫码枪暂停使用", "The scan gun is out of order"),
        ("请检查扫码枪的插头；先用其他方式", "Check the scan gun's plug; use another way"),
    ),
    **{Reason(name): _text(*words) for name, words in ADMISSION_WORDS.items()},
}
