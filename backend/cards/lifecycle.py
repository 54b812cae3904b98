"""The life of a card as data: its states, the card services 社保卡服务, and who may ask for them.

`TABLE` says for every (event, state) what follows: the next state, or a refusal by name. `SERVICES`
says who may ask. What depends on more than the state (a date, a reason, a PIN) stands beside them,
in `decisions`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backend.cards import refusals as no
from backend.foundation.refusals import Refusal
from shared.localized_text import LocalizedText

NEWEST_GENERATION = 3


class CardState(StrEnum):
    """The card's state, the same for the physical card and its e-card."""

    IN_PRODUCTION = "IN_PRODUCTION"  # 制卡中
    AWAITING_COLLECTION = "AWAITING_COLLECTION"  # 待领, 封存
    ACTIVE = "ACTIVE"  # 正常
    SUSPENDED = "SUSPENDED"  # 临时挂失, reversible
    LOST = "LOST"  # 正式挂失, final
    REPLACED = "REPLACED"  # 已补换, final
    EXPIRED = "EXPIRED"  # 过期
    CANCELLED = "CANCELLED"  # 注销, final


PENDING = (CardState.IN_PRODUCTION, CardState.AWAITING_COLLECTION)
"""A card on its way to its holder: at most one a person."""
LIVE = (CardState.ACTIVE, CardState.SUSPENDED)
"""A card that counts: at most one a person (一人一卡)."""
EXPIRABLE = (*LIVE, CardState.AWAITING_COLLECTION)
"""A card that its date can end."""
ENDED = (CardState.LOST, CardState.REPLACED, CardState.EXPIRED, CardState.CANCELLED)
"""A card that will never count again."""


class CardEvent(StrEnum):
    """What can happen to a card: the ten services, and what the system itself does."""

    APPLY = "APPLY"  # 申领
    ENABLE = "ENABLE"  # 启用
    ACTIVATE_ACCOUNT = "ACTIVATE_ACCOUNT"  # 激活, of the bank account
    SUSPEND = "SUSPEND"  # 临时挂失
    REPORT_LOST = "REPORT_LOST"  # 正式挂失
    LIFT_SUSPENSION = "LIFT_SUSPENSION"  # 解挂
    REPLACE = "REPLACE"  # 补卡, 换卡
    CHANGE_PIN = "CHANGE_PIN"  # 密码修改
    RESET_PIN = "RESET_PIN"  # 密码重置
    CHANGE_DETAILS = "CHANGE_DETAILS"  # 信息变更
    CANCEL = "CANCEL"  # 注销
    PRODUCED = "PRODUCED"  # 制卡完成
    SUPERSEDE = "SUPERSEDE"  # the new card was enabled
    EXPIRE = "EXPIRE"  # the date printed on it is over
    HOLDER_DIED = "HOLDER_DIED"  # the population register reported a death
    DEATH_WITHDRAWN = "DEATH_WITHDRAWN"  # and took it back


class Actor(StrEnum):
    """Who asks."""

    HOLDER = "holder"
    OUTLET_CLERK = "outlet_clerk"
    SYSTEM = "system"


class ReplacementReason(StrEnum):
    """Why a new card is asked for."""

    LOST = "lost"  # 补卡
    DAMAGED = "damaged"
    GENERATION = "generation"  # 二代换三代
    EXPIRING = "expiring"


@dataclass(frozen=True, slots=True)
class Service:
    """Who may ask for a service; `card_in_hand` names those who must hold the physical card."""

    name: LocalizedText
    by: frozenset[Actor]
    card_in_hand: frozenset[Actor] = frozenset()


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What of a card decides; `state` None where the person has no card that is not over.

    `holder_died`: so the population register says now. `stopped_by_death`: it was in use until the
    holder's death suspended it.
    """

    state: CardState | None
    generation: int = NEWEST_GENERATION
    expires_at: datetime | None = None
    pin_set: bool = False
    wrong_pins: int = 0
    pin_unlocks: int = 0
    holder_died: bool = False
    stopped_by_death: bool = False

    @property
    def present(self) -> CardState:
        """The state of a card that exists.

        Raises:
            LookupError: there is none.
        """
        if self.state is None:
            raise LookupError("there is no card")
        return self.state


@dataclass(frozen=True, slots=True)
class Asked:
    """One wish: what, by whom, and what came with it."""

    event: CardEvent
    by: Actor
    card_in_hand: bool = False
    reason: ReplacementReason | None = None


Outcome = CardState | Refusal
Row = Mapping[CardState | None, Outcome]

_OVER: Row = {
    CardState.LOST: no.CARD_LOST,
    CardState.REPLACED: no.CARD_REPLACED,
    CardState.EXPIRED: no.CARD_EXPIRED,
    CardState.CANCELLED: no.CARD_CANCELLED,
}
_NOT_YET: Row = {
    None: no.NO_CARD,
    CardState.IN_PRODUCTION: no.CARD_IN_PRODUCTION,
    CardState.AWAITING_COLLECTION: no.CARD_NOT_COLLECTED,
}
_ALREADY: Row = {CardState.ACTIVE: no.CARD_ENABLED, CardState.SUSPENDED: no.CARD_ENABLED}
_SUSPENDED_FIRST: Row = {CardState.SUSPENDED: no.CARD_SUSPENDED}


def _stays(*states: CardState) -> Row:
    return {state: state for state in states}


def _to(state: CardState, *present: CardState | None) -> Row:
    return dict.fromkeys(present, state)


TABLE: Mapping[CardEvent, Row] = {
    CardEvent.APPLY: {
        None: CardState.IN_PRODUCTION,
        CardState.IN_PRODUCTION: no.CARD_IN_PRODUCTION,
        CardState.AWAITING_COLLECTION: no.CARD_NOT_COLLECTED,
        CardState.ACTIVE: no.CARD_EXISTS,
        CardState.SUSPENDED: no.CARD_EXISTS,
        # One who had a card gets the next by 补卡, so that account and number can be kept.
        CardState.LOST: no.REPLACE_INSTEAD,
        CardState.EXPIRED: no.REPLACE_INSTEAD,
        CardState.REPLACED: no.CARD_REPLACED,
        CardState.CANCELLED: CardState.IN_PRODUCTION,
    },
    CardEvent.PRODUCED: {
        **_OVER,
        **_ALREADY,
        None: no.NO_CARD,
        CardState.IN_PRODUCTION: CardState.AWAITING_COLLECTION,
        CardState.AWAITING_COLLECTION: no.CARD_NOT_COLLECTED,
    },
    CardEvent.ENABLE: {
        **_OVER,
        **_ALREADY,
        **_NOT_YET,
        CardState.AWAITING_COLLECTION: CardState.ACTIVE,
    },
    CardEvent.ACTIVATE_ACCOUNT: {
        **_OVER,
        **_NOT_YET,
        **_SUSPENDED_FIRST,
        **_stays(CardState.ACTIVE),
    },
    CardEvent.SUSPEND: {
        **_OVER,
        **_NOT_YET,
        **_SUSPENDED_FIRST,
        CardState.ACTIVE: CardState.SUSPENDED,
    },
    CardEvent.LIFT_SUSPENSION: {
        **_OVER,
        **_NOT_YET,
        CardState.ACTIVE: no.NOT_SUSPENDED,
        CardState.SUSPENDED: CardState.ACTIVE,
        CardState.LOST: no.LOSS_IS_FINAL,
    },
    CardEvent.REPORT_LOST: {
        **_OVER,
        **_NOT_YET,
        **_to(CardState.LOST, *LIVE),
        # A card that never arrived is lost too: it must not turn up and be enabled.
        CardState.AWAITING_COLLECTION: CardState.LOST,
    },
    CardEvent.REPLACE: {
        **_OVER,
        **_NOT_YET,
        **_SUSPENDED_FIRST,
        **_stays(CardState.ACTIVE, CardState.LOST, CardState.EXPIRED),
    },
    CardEvent.SUPERSEDE: {
        **_OVER,
        **_NOT_YET,
        **_to(CardState.REPLACED, *LIVE, CardState.LOST, CardState.EXPIRED),
    },
    CardEvent.CHANGE_PIN: {
        **_OVER,
        **_NOT_YET,
        **_SUSPENDED_FIRST,
        **_stays(CardState.ACTIVE),
    },
    CardEvent.RESET_PIN: {
        **_OVER,
        **_NOT_YET,
        **_SUSPENDED_FIRST,
        **_stays(CardState.ACTIVE),
    },
    CardEvent.CHANGE_DETAILS: {
        **_OVER,
        **_stays(*PENDING, *LIVE),
        None: no.NO_CARD,
    },
    CardEvent.CANCEL: {
        **_to(CardState.CANCELLED, *PENDING, *LIVE, CardState.LOST, CardState.EXPIRED),
        None: no.NO_CARD,
        CardState.REPLACED: no.CARD_REPLACED,
        CardState.CANCELLED: no.CARD_CANCELLED,
    },
    CardEvent.EXPIRE: {
        **_OVER,
        **_to(CardState.EXPIRED, *EXPIRABLE),
        None: no.NO_CARD,
        CardState.IN_PRODUCTION: no.CARD_IN_PRODUCTION,
    },
    # Suspended and not cancelled: a wrongly reported death must leave nothing lost for good.
    CardEvent.HOLDER_DIED: {
        **_OVER,
        **_stays(*PENDING),
        **_to(CardState.SUSPENDED, *LIVE),
        None: no.NO_CARD,
    },
    CardEvent.DEATH_WITHDRAWN: {
        **_OVER,
        **_stays(*PENDING),
        None: no.NO_CARD,
        CardState.ACTIVE: no.NOT_SUSPENDED,
        CardState.SUSPENDED: CardState.ACTIVE,
    },
}
"""What follows, for every event and every state."""

AFTER_DEATH = frozenset(
    {
        CardEvent.REPORT_LOST,
        CardEvent.CANCEL,
        CardEvent.PRODUCED,
        CardEvent.SUPERSEDE,
        CardEvent.EXPIRE,
        CardEvent.HOLDER_DIED,
        CardEvent.DEATH_WITHDRAWN,
    }
)
"""What can still happen to a card whose holder died: nothing that lets anybody use it."""

_ANYONE = frozenset({Actor.HOLDER, Actor.OUTLET_CLERK})
_OUTLET = frozenset({Actor.OUTLET_CLERK})
_SYSTEM = frozenset({Actor.SYSTEM})

SERVICES: Mapping[CardEvent, Service] = {
    CardEvent.APPLY: Service(LocalizedText("申领", "Apply for a card"), _ANYONE),
    CardEvent.ENABLE: Service(LocalizedText("启用", "Enable"), _OUTLET, _OUTLET),
    CardEvent.ACTIVATE_ACCOUNT: Service(
        LocalizedText("激活金融账户", "Activate the bank account"), _OUTLET, _OUTLET
    ),
    CardEvent.SUSPEND: Service(LocalizedText("临时挂失", "Suspend"), _ANYONE),
    CardEvent.REPORT_LOST: Service(LocalizedText("正式挂失", "Report lost for good"), _ANYONE),
    CardEvent.LIFT_SUSPENSION: Service(LocalizedText("解挂", "Lift the suspension"), _ANYONE),
    CardEvent.REPLACE: Service(LocalizedText("补卡/换卡", "Replace"), _ANYONE),
    CardEvent.CHANGE_PIN: Service(LocalizedText("密码修改", "Change the PIN"), _ANYONE, _OUTLET),
    CardEvent.RESET_PIN: Service(LocalizedText("密码重置", "Reset the PIN"), _OUTLET, _OUTLET),
    CardEvent.CHANGE_DETAILS: Service(LocalizedText("信息变更", "Change details"), _OUTLET),
    CardEvent.CANCEL: Service(LocalizedText("注销", "Cancel"), _OUTLET | _SYSTEM),
    CardEvent.PRODUCED: Service(LocalizedText("制卡完成", "Produced"), _SYSTEM),
    CardEvent.SUPERSEDE: Service(LocalizedText("新卡启用", "Superseded"), _SYSTEM),
    CardEvent.EXPIRE: Service(LocalizedText("到期", "Expire"), _SYSTEM),
    CardEvent.HOLDER_DIED: Service(
        LocalizedText("持卡人死亡停用", "Stop after the holder's death"), _SYSTEM
    ),
    CardEvent.DEATH_WITHDRAWN: Service(
        LocalizedText("死亡登记撤销恢复", "Restore after a death was withdrawn"), _SYSTEM
    ),
}
"""Who may ask for what."""

STATE_WORDS: Mapping[CardState, LocalizedText] = {
    CardState.IN_PRODUCTION: LocalizedText("制卡中", "Being made"),
    CardState.AWAITING_COLLECTION: LocalizedText("待领取", "Ready to be collected"),
    CardState.ACTIVE: LocalizedText("正常", "In use"),
    CardState.SUSPENDED: LocalizedText("临时挂失", "Suspended"),
    CardState.LOST: LocalizedText("已正式挂失", "Reported lost"),
    CardState.REPLACED: LocalizedText("已补换", "Replaced"),
    CardState.EXPIRED: LocalizedText("已过期", "Expired"),
    CardState.CANCELLED: LocalizedText("已注销", "Cancelled"),
}
