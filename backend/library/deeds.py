"""Who acts in the library network, and its deeds in the audit log; no row names a book."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.cards.asking import Asking
from backend.foundation.access import Caller
from backend.foundation.audit import PLATFORM, Actor, ActorKind, Deed, Organisation, System
from shared.localized_text import LocalizedText

WORDS: Mapping[str, LocalizedText] = {
    "library.network": LocalizedText("设置了图书馆网络", "Set up the library network"),
    "library.catalogue": LocalizedText("批量导入馆藏", "Took over a list of books"),
    "library.terms": LocalizedText("修改了借阅规则", "Changed the terms of lending"),
    "library.left": LocalizedText("图书馆退出通借通还", "A library left the network"),
    "library.opened": LocalizedText("开通了借阅", "Became a reader"),
    "library.lent": LocalizedText("借书", "Borrowed a book"),
    "library.returned": LocalizedText("还书", "Returned a book"),
    "library.renewed": LocalizedText("续借", "Renewed a loan"),
    "library.lost": LocalizedText("登记图书遗失", "Recorded a book as lost"),
    "library.held": LocalizedText("预约图书", "Placed a hold"),
    "library.hold_cancelled": LocalizedText("取消图书预约", "Cancelled a hold"),
    "library.hold_ended": LocalizedText("图书预约结束", "A hold ended"),
    "library.paid": LocalizedText("缴纳图书馆费用", "Paid the library"),
    "library.deposit": LocalizedText("变更借书押金", "Changed a deposit"),
    "library.history": LocalizedText("设置借阅历史是否保留", "Chose whether to keep a history"),
    "library.read": LocalizedText("查阅了借阅情况", "Read what a reader has out"),
    "library.terminal": LocalizedText("登记自助借还终端", "Registered a self-service machine"),
}


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts: a reader in the app, a librarian, or a machine; `once`: whose keys repeat.

    `library` is where; `terminal` the machine's name. What readers do themselves, also at a
    machine, is their routine; what a librarian does, they find among the uses of their data.
    """

    once: str
    actor: Actor
    system: System
    library: str = ""
    terminal: str | None = None
    organisation: Organisation = PLATFORM
    origin: str = ""

    def deed(self, action: str, resident_id: str | None, at: datetime) -> Deed:
        """Return the row of something done for or about a reader."""
        return Deed(
            at=at,
            actor=self.actor,
            action=action,
            words=WORDS[action],
            system=self.system,
            subject=resident_id or None,
            organisation=self.organisation,
            origin=self.origin,
            disclosed=self.actor.kind is ActorKind.STAFF,
        )


def reader(asking: Asking) -> Acting:
    """Return a reader who acts in the app."""
    actor = Actor(ActorKind.RESIDENT, asking.resident_id)
    return Acting(asking.thumbprint, actor, System.APP, origin=asking.origin)


def librarian(caller: Caller, library: str = "") -> Acting:
    """Return a librarian at a counter."""
    system = System.COUNTER if caller.staff_id else System.BATCH
    once = caller.staff_id or "operator"
    return Acting(once, caller.actor, system, library, organisation=caller.organisation)


def machine(terminal: str, library: str) -> Acting:
    """Return a self-service machine."""
    actor = Actor(ActorKind.TERMINAL, terminal)
    return Acting(f"sip2:{terminal}", actor, System.READER, library, terminal, origin=library)


HOUSE = Acting("house", Actor(ActorKind.SYSTEM, "library"), System.BATCH)
"""What time and leaving libraries do."""
