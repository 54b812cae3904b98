"""挂失 and 解挂: stopping the card, and giving it back."""

from dataclasses import dataclass, replace
from enum import StrEnum

from mobile.core.card import CardState
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.acts import Act
from mobile.services.answers import read_result
from mobile.services.backend import Backend, Data
from mobile.services.session import Session


class LossAct(StrEnum):
    """What can be done about a loss: the service's name in the schema."""

    SUSPEND = "SUSPEND"  # 临时挂失: by the phone alone, for whoever is in a hurry
    LIFT = "LIFT_SUSPENSION"  # 解挂
    REPORT = "REPORT_LOST"  # 正式挂失, which is final


NEEDS_SIGN_IN = frozenset({LossAct.LIFT, LossAct.REPORT})
_OPERATIONS = {
    LossAct.SUSPEND: "SuspendCard",
    LossAct.LIFT: "LiftSuspension",
    LossAct.REPORT: "ReportCardLost",
}


@dataclass(frozen=True, slots=True)
class LossStanding:
    """The card's state, and what may be done about a loss in it; `card` names which card."""

    state: CardState
    acts: frozenset[LossAct]
    card: str = ""

    @classmethod
    def of_wire(cls, wire: Data) -> "LossStanding":
        """Read a `CardStanding`; raises KeyError or TypeError when a field is missing."""
        names = {entry["service"] for entry in wire["availableServices"]}
        return cls(
            CardState.of_wire(wire["state"]),
            frozenset(act for act in LossAct if act in names),
            wire["card"],
        )

    @classmethod
    def expected(cls, state: CardState) -> "LossStanding":
        """Return what may be done as far as the phone knows, before the server was asked."""
        acts = {
            CardState.ACTIVE: {LossAct.SUSPEND, LossAct.REPORT},
            CardState.SUSPENDED: {LossAct.LIFT, LossAct.REPORT},
        }
        return cls(state, frozenset(acts.get(state, ())))


class CardLoss:
    """Reads and suspends by the phone alone; giving back and the final report need a sign-in."""

    def __init__(self, backend: Backend, session: Session, account: Account) -> None:
        self._backend = backend
        self._session = session
        self._account = account
        self._acts = {
            act: Act(operation, lambda wire: LossStanding.of_wire(wire["standing"]))
            for act, operation in _OPERATIONS.items()
        }

    async def read(self) -> LossStanding | Trouble:
        """Return the card's standing."""
        answer = await self._ask("CardStanding", {})
        return self._taken(read_result(answer, "cardStanding", LossStanding.of_wire))

    async def perform(self, act: LossAct) -> LossStanding | Trouble:
        """Do `act` and return the card's standing after it."""
        if act not in NEEDS_SIGN_IN:
            return self._taken(await self._acts[act].perform(self._ask, {}))
        standing = await self._acts[act].perform(self._account.ask, {})
        wallet = self._session.wallet
        if isinstance(standing, Trouble) or wallet is None:
            return standing
        if standing.card == wallet.card.identifier:
            return self._taken(standing)
        # Who signed in need not be who the phone was bound for: ask for its own, by its key.
        own = await self.read()
        return standing if isinstance(own, Trouble) else own

    async def _ask(self, operation: str, variables: Data) -> Data | Trouble:
        """Ask about the phone's own card, or without one about that of who is signed in."""
        key = self._session.key
        if self._session.wallet is None or key is None:
            return await self._account.ask(operation, variables)
        return await self._backend.ask(operation, variables, key)

    def _taken(self, standing: LossStanding | Trouble) -> LossStanding | Trouble:
        """Let the code and the card on this phone follow at once, unless it is another card's."""
        wallet = self._session.wallet
        if wallet is None or isinstance(standing, Trouble):
            return standing
        if wallet.card.identifier in {"", standing.card}:
            card = replace(wallet.card, state=standing.state)
            if card != wallet.card:
                self._session.keep(replace(wallet, card=card))
        return standing
