"""我的信息副本: having everything held about oneself, as a file."""

from dataclasses import dataclass

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.copies import Copies, CopyForm
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel, said

_KIB = 1024


@dataclass(frozen=True, slots=True)
class DataCopyState:
    """What is shown; `progress` and `fraction` while a copy comes in.

    `forms` are the forms offered: in 长辈版 one, for people, and the other a step further.
    """

    forms: tuple[str, ...] = ("pdf", "json")
    stepped: bool = False
    busy: bool = False
    progress: str = ""
    fraction: float = 0.0
    done: Notice | None = None
    problem: Notice | None = None


class DataCopyModel(ServedModel):
    """Fetches one copy at a time."""

    state = ObjectProperty(DataCopyState(), rebind=True)

    def __init__(
        self, copies: Copies, account: Account, time: CityTime, preferences: PreferencesModel
    ) -> None:
        super().__init__(account, time, preferences)
        self._copies = copies
        self._come, self._total = 0, 0
        self._place = ""
        self._further = False

    @override
    def open(self) -> None:
        self._place, self._further = "", False
        super().open()

    def show_other(self) -> None:
        """Offer the form for machines, where each has a page of its own."""
        self._further, self._place, self._trouble = True, "", None
        self._show()

    def step_back(self) -> bool:
        """Offer the form for people again; False where that is offered."""
        if self._busy or not self.state.stepped:
            return False
        self._further, self._place, self._trouble = False, "", None
        self._show()
        return True

    def fetch(self, form: str) -> None:
        """Have a copy in that form."""
        if not self._busy:
            self._come, self._total, self._place = 0, 0, ""
            self._act(lambda: self._fetch(CopyForm(form)))

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state: DataCopyState = self.state
        notice = state.problem or state.done
        return said(notice) if notice else state.progress or say(self._language, "copy.lead")

    @override
    def _show(self) -> None:
        elder = self._preferences.value.elder
        forms: tuple[str, ...] = ("pdf", "json")
        if elder:
            forms = ("json",) if self._further else ("pdf",)
        self.state = DataCopyState(
            forms=forms,
            stepped=elder and self._further,
            busy=self._busy,
            progress=self._progress() if self._busy else "",
            fraction=min(1.0, self._come / self._total) if self._total else 0.0,
            done=self._done_notice(),
            problem=self._problem(),
        )

    def _progress(self) -> str:
        if not self._come:
            return say(self._language, "copy.preparing")
        size = f"{max(1, self._come // _KIB)} KB"
        if self._total:
            size = f"{size} / {max(1, self._total // _KIB)} KB"
        return say(self._language, "copy.progress", size=size)

    def _done_notice(self) -> Notice | None:
        if not self._place:
            return None
        body = say(self._language, "copy.done.next", place=self._place)
        return Notice("check", say(self._language, "copy.done"), body, attention=False)

    async def _fetch(self, form: CopyForm) -> Trouble | None:
        place = await self._copies.save(form, self._time.now(), self._told)
        if isinstance(place, Trouble):
            return place
        self._place = place
        return None

    def _told(self, come: int, total: int) -> None:
        self._come, self._total = come, total
        self._show()

    @override
    def _may_read(self) -> bool:
        return False

    @override
    def _forget(self) -> None:
        super()._forget()
        self._place = ""
