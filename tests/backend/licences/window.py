"""A window that asks for licences, and the holder who decides."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from backend.app import House
from backend.assertions.evidence import Shown
from backend.demo_city import IDENTIFICATION_CODE
from backend.foundation.access import Caller, Role
from backend.foundation.audit import AuditRow, Organisation
from backend.foundation.refusals import Refusal
from backend.licences.documents import AskingDesk, LicenceRequest
from backend.licences.registry import LicenceKind
from backend.licences.rules import RequestState, Wish
from backend.licences.sandbox import SandboxLicenceRegistry
from backend.licences.service import FetchedLicences, LicenceRequests, RequestView
from shared.clock import ManualClock
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText
from tests.backend.actors import new_key

OFFICE = Organisation("360700-zj", LocalizedText("赣州市住建局", "Ganzhou Housing Bureau"))
DESK = Caller(
    staff_id="stf_desk",
    roles=frozenset({Role.DEPARTMENT_OFFICER}),
    thumbprint="terminal-a",
    organisation=OFFICE,
)
OTHER_TERMINAL = replace(DESK, thumbprint="terminal-b")
OTHER_STAFF = replace(DESK, staff_id="stf_other")
OTHER_DESK = replace(DESK, organisation=Organisation("venue-7", LocalizedText("馆", "Hall")))
CARD = Shown(identification_code=IDENTIFICATION_CODE.hex())
WISH = Wish((LicenceKind.HOUSEHOLD, LicenceKind.DRIVING), "公租房申请")


def open_request(resident_id: str, now: datetime, **changed: Any) -> LicenceRequest:
    """Return a desk's request that waits for its holder."""
    desk = AskingDesk(code="o", zh="窗口", en="Desk", staff="stf_a", terminal="key")
    plain: dict[str, Any] = {"state": RequestState.ASKED, "until": now + timedelta(days=1)}
    return LicenceRequest(
        id=random_identifier("lrq"),
        resident_id=resident_id,
        desk=desk,
        kinds=[LicenceKind.DRIVING],
        purpose="租车",
        asked_at=now,
        **{**plain, **changed},
    )


@dataclass
class Window:
    """Asks, decides and fetches, each under a new key unless one is given."""

    house: House
    clock: ManualClock
    resident_id: str

    @property
    def requests(self) -> LicenceRequests:
        return self.house.services[LicenceRequests]

    @property
    def registry(self) -> SandboxLicenceRegistry:
        return self.house.services[SandboxLicenceRegistry]

    @property
    def holder(self) -> Caller:
        return Caller(resident_id=self.resident_id)

    async def ask(self, shown: Shown = CARD, key: str = "", wish: Wish = WISH) -> Any:
        return await self.requests.ask(DESK, key or new_key(), wish, shown)

    async def asked(self) -> str:
        """Return the id of a request that was made."""
        made = await self.ask()
        assert isinstance(made, RequestView), made
        return made.request_id

    async def granted(self) -> str:
        """Return the id of a request that the holder agreed to."""
        request = await self.asked()
        made = await self.decide(request)
        assert isinstance(made, RequestView), made
        return request

    async def decide(self, request: str, *, agree: bool = True) -> RequestView | Refusal:
        return await self.requests.decide(self.holder, new_key(), request, agree=agree)

    async def fetch(
        self, request: str, by: Caller = DESK, key: str = ""
    ) -> FetchedLicences | Refusal:
        return await self.requests.fetch(by, key or new_key(), request)

    async def rows(self) -> list[tuple[str, str]]:
        """Return what was done and how it ended, in its order."""
        rows = await AuditRow.find({"action": {"$regex": "^licences"}}).sort("at").to_list()
        return [(row.action.partition(".")[2], row.result) for row in rows]
