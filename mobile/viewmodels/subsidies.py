"""我的补贴: each payment as a card, and one on its page with what to do if it did not arrive."""

from dataclasses import dataclass
from datetime import datetime

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.subsidies import Subsidies
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel, said
from mobile.viewmodels.subsidy_lines import SubsidyLine, SubsidyView, subsidy_line, subsidy_view


@dataclass(frozen=True, slots=True)
class SubsidiesState:
    """What is shown: the cards (`lines`, None before any were ever read), or the opened `view`."""

    lines: tuple[SubsidyLine, ...] | None = None
    view: SubsidyView | None = None
    older: bool = False
    busy: bool = False
    seen: str = ""
    problem: Notice | None = None


class SubsidiesModel(ServedModel):
    """Shows what was read last with its age."""

    state = ObjectProperty(SubsidiesState(), rebind=True)

    def __init__(
        self, subsidies: Subsidies, account: Account, time: CityTime, preferences: PreferencesModel
    ) -> None:
        super().__init__(account, time, preferences)
        self._subsidies = subsidies
        self._opened = ""
        subsidies.listen(self._show)
        self._show()

    @override
    def open(self) -> None:
        self._opened = ""
        super().open()

    def choose(self, identifier: str) -> None:
        """Show one payment."""
        self._opened, self._trouble = identifier, None
        self._show()

    def read_older(self) -> None:
        """Go on with the list."""
        self._act(self._subsidies.read_older)

    def step_back(self) -> bool:
        """Go back to the cards; False there."""
        if not self._opened:
            return False
        self._opened, self._trouble = "", None
        self._show()
        return True

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state, language = self.state, self._language
        if state.view:
            view = state.view
            return f"{view.line.reading(language)}{view.account}。{view.why}。{view.to_do}"
        lines = "".join(one.reading(language) for one in state.lines or ())
        problem = said(state.problem) if state.problem else ""
        if state.lines is None:
            return problem or say(language, "subsidies.unread")
        return problem + (lines or say(language, "subsidies.none"))

    @override
    def _show(self) -> None:
        known, language = self._subsidies.known, self._language
        payments = known.payments if known else ()
        opened = next((one for one in payments if one.identifier == self._opened), None)
        own = self._subsidies.own_in_front
        self.state = SubsidiesState(
            lines=None if known is None else tuple(subsidy_line(one, language) for one in payments),
            view=subsidy_view(opened, self._moment(opened.changed_at), language, own=own)
            if opened
            else None,
            older=bool(known and known.following),
            busy=self._busy,
            seen=self._seen(),
            problem=self._problem(),
        )

    @override
    def _seen_at(self) -> datetime | None:
        known = self._subsidies.known
        return None if known is None else known.seen_at

    @override
    async def _read(self) -> Trouble | None:
        return await self._subsidies.read()

    @override
    def _may_read(self) -> bool:
        return self._subsidies.may_ask

    @override
    def _follow(self) -> None:
        """Keep what is shown through sign-ins: it is of the card on this phone."""
        self._show()
