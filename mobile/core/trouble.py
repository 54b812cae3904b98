"""What went wrong, in the three parts every error has: what happened and why, what to do now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from mobile.core.card import read_text
from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class Trouble:
    """A refusal of the server, or what the phone itself could not do; `code` names which."""

    code: str
    text: LocalizedText
    next_step: LocalizedText

    @classmethod
    def of_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read a GraphQL `Refusal`; raises KeyError or TypeError when a field is missing."""
        return cls(wire["code"], read_text(wire["text"]), read_text(wire["nextStep"]))

    @classmethod
    def of_problem(cls, wire: Mapping[str, Any]) -> Self:
        """Read an RFC 9457 problem; raises KeyError or TypeError when a field is missing."""
        return cls(wire["code"], read_text(wire["detail"]), read_text(wire["next_step"]))


UNREACHABLE = Trouble(
    "unreachable",
    LocalizedText("连不上服务器", "The service cannot be reached"),
    LocalizedText("请检查网络，稍后会自动重试", "Check the network; the app will try again"),
)
SERVER_DOWN = Trouble(
    "server_down",
    LocalizedText("服务器暂时出错", "The service has a problem right now"),
    LocalizedText("不用操作，稍后会自动重试", "Nothing to do; the app will try again"),
)
_UNKEPT = "act_unkept"
NONSENSE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What reading raises where something else stands than what was agreed on."""
INTERCEPTED = Trouble(
    "intercepted",
    LocalizedText(
        "这个网络还没有连通，打开的是别的网页",
        "This network is not open yet: another page answered",
    ),
    LocalizedText(
        "请先在浏览器里登录这个网络，或换一个网络；稍后会自动重试",
        "Sign in to this network in a browser, or use another; the app will try again",
    ),
)
"""A hotel's or a shop's network answered in the service's place."""
NOT_UNDERSTOOD = Trouble(
    "not_understood",
    LocalizedText("服务器的回答这个版本看不懂", "This version does not understand the service"),
    LocalizedText("请更新应用后再试", "Update the app, then try again"),
)
ACT_UNREACHABLE = Trouble(
    UNREACHABLE.code,
    LocalizedText(
        "连不上服务器，这次可能没有办成",
        "The service cannot be reached; this may not have been done",
    ),
    LocalizedText(
        "请检查网络后再点一次，不会重复办理",
        "Check the network and touch again; it is never done twice",
    ),
)
ACT_SERVER_DOWN = Trouble(
    SERVER_DOWN.code,
    LocalizedText(
        "服务器暂时出错，这次可能没有办成", "The service has a problem; this may not have been done"
    ),
    LocalizedText("请稍后再点一次，不会重复办理", "Touch again in a while; it is never done twice"),
)
ACT_INTERCEPTED = Trouble(
    INTERCEPTED.code,
    LocalizedText(
        "这个网络还没有连通，这次可能没有办成",
        "This network is not open yet; this may not have been done",
    ),
    LocalizedText(
        "请先在浏览器里登录这个网络，或换一个网络，再点一次，不会重复办理",
        "Sign in to this network in a browser, or use another, and touch again; "
        "it is never done twice",
    ),
)
WRONG_KEY = Trouble(
    "wrong_key",
    LocalizedText("发来的凭证不属于这部手机", "The certificate sent is not for this phone"),
    LocalizedText("请重新申请激活码再绑定", "Ask for a new activation code"),
)
STORAGE_DAMAGED = Trouble(
    "storage_damaged",
    LocalizedText("手机里保存的卡打不开了", "The card kept on this phone cannot be opened"),
    LocalizedText("请用新的激活码重新绑定", "Link this phone again with a new activation code"),
)


def storage_unwritable(reason: str) -> Trouble:
    """Return the trouble of a phone that cannot store; `reason` is the system's word."""
    return Trouble(
        "storage_unwritable",
        LocalizedText(f"手机存不下数据（{reason}）", f"This phone cannot store data ({reason})"),
        LocalizedText("请清理手机空间后再试", "Free some space on the phone, then try again"),
    )


def not_removed(reason: str) -> Trouble:
    """Return the trouble of a card that cannot be removed; `reason` is the system's word."""
    return Trouble(
        "not_removed",
        LocalizedText(
            f"卡没有移除：手机不让删除（{reason}）",
            f"Not removed: this phone deletes nothing ({reason})",
        ),
        LocalizedText(
            "先不要把手机交给别人；请重启手机再移除一次，或登录后在“我的设备”里停用它",
            "Do not give the phone away; restart it and try again, or sign in and stop it under "
            "My phones",
        ),
    )


def act_unkept(reason: str) -> Trouble:
    """Return the trouble of an act that had no answer on a phone that cannot store its key."""
    return Trouble(
        _UNKEPT,
        LocalizedText(
            f"没有收到回音，手机也存不下这次办理（{reason}）",
            f"No answer came, and this phone cannot store the request ({reason})",
        ),
        LocalizedText(
            "请先不要关闭应用；清理手机空间后再点一次，不会重复办理",
            "Do not close the app; free some space, then touch again: it is never done twice",
        ),
    )


def of_look(trouble: Trouble) -> Trouble:
    """Return what to say where a look that is made by a touch alone brought nothing."""
    if trouble not in {UNREACHABLE, SERVER_DOWN, INTERCEPTED}:
        return trouble
    again = LocalizedText(
        "请检查网络，返回后再点一次", "Check the network, go back and touch again"
    )
    return Trouble(trouble.code, trouble.text, again)


def of_act(trouble: Trouble) -> Trouble:
    """Return what to say where an act failed: unlike a reading, it is not tried again by itself."""
    acts = {
        UNREACHABLE: ACT_UNREACHABLE,
        SERVER_DOWN: ACT_SERVER_DOWN,
        INTERCEPTED: ACT_INTERCEPTED,
    }
    return acts.get(trouble, trouble)


def is_undecided(trouble: Trouble) -> bool:
    """Tell whether the act may have been done all the same, its answer being lost."""
    lost = {UNREACHABLE, SERVER_DOWN, INTERCEPTED, NOT_UNDERSTOOD}
    return trouble in lost or trouble.code == _UNKEPT
