"""An outlet that serves cards of other regions, and the alliance it belongs to."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from backend.app import House
from backend.cards.lifecycle import CardEvent, ReplacementReason
from backend.cross_region.alliance import Alliance, Allied
from backend.cross_region.cases import CaseFacts, CaseWish, CrossRegionCases
from backend.cross_region.routing import CaseRouting
from backend.cross_region.rules import ITEMS
from backend.cross_region.sandbox import Manner, SandboxRegions
from backend.foundation.access import Caller, Role
from backend.foundation.refusals import Refusal
from shared.clock import ManualClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.wire.request_proof import sign_request, thumbprint
from tests.backend.accounts.actors import OUTLET
from tests.backend.actors import JSON, City, id_number, new_key

SHANGHAI, HANGZHOU, GANZHOU = 310000, 330100, 360700
CLERK = Caller(
    staff_id="stf_clerk", roles=frozenset({Role.OUTLET_CLERK}), organisation=OUTLET, thumbprint="c"
)
OFFICER = Caller(staff_id="stf_officer", roles=frozenset({Role.DEPARTMENT_OFFICER}))


@dataclass
class Outlet:
    """The outlet with its clerk, and Shanghai's system at the other end."""

    house: House
    clock: ManualClock
    key: SoftwareKey = field(default_factory=lambda: SoftwareKey.generate(Algorithm.ED25519))

    @property
    def shanghai(self) -> SandboxRegions:
        return self.house.services[SandboxRegions]

    def behave(self, manner: Manner) -> None:
        self.shanghai.manners[SHANGHAI] = manner

    async def join(self, **changed: Any) -> None:
        """Put Shanghai into the alliance and qualify the outlet."""
        alliance = self.house.services[Alliance]
        own: dict[str, Any] = {"key_thumbprint": thumbprint(self.key.public), **changed}
        allied = Allied(SHANGHAI, "Shanghai", **{"items": ITEMS, **own})
        assert await alliance.record(OFFICER, new_key(), allied) is None
        assert await alliance.qualify(OFFICER, new_key(), OUTLET.code, ITEMS) is None

    async def ask(
        self,
        resident_id: str,
        item: CardEvent = CardEvent.SUSPEND,
        key: str | None = None,
        origin: int = SHANGHAI,
        reason: ReplacementReason | None = None,
    ) -> CaseFacts | Refusal:
        wish = CaseWish(resident_id, origin, item, reason)
        return await self.house.services[CrossRegionCases].open(CLERK, key or new_key(), wish)

    async def opened(self, resident_id: str, item: CardEvent = CardEvent.SUSPEND) -> str:
        case = await self.ask(resident_id, item)
        assert isinstance(case, CaseFacts), case
        return case.case_id

    async def route(self, seconds: float = 0) -> int:
        """Let time pass and send what is due then."""
        self.clock.advance(seconds)
        return await self.house.services[CaseRouting].send_due()

    async def done(self) -> int:
        """How many cases counter T9 says were done."""
        counts = await self.house.services[Alliance].counts(OFFICER)
        assert not isinstance(counts, Refusal)
        return sum(counts.values())

    async def stored(self, case_id: str) -> dict[str, Any]:
        found = await self.house.store.database["cross_region_cases"].find_one({"_id": case_id})
        assert found is not None
        return found

    async def tells(self, city: City, path: str, body: Any, key: SoftwareKey | None = None) -> Any:
        """Send a signed request, as Shanghai's system does."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        proof = sign_request(key or self.key, "POST", path, content, self.clock.now())
        answer: httpx.Response = await city.client.post(
            path, content=content, headers={**JSON, "DPoP": proof}
        )
        return answer.status_code, answer.json()


def incoming(sequence: str, item: str = CardEvent.SUSPEND, **changed: Any) -> dict[str, Any]:
    """Return a case as another region's system sends it."""
    return {
        "case": f"SH-2026-{sequence}",
        "item": str(item),
        "outlet": "310101-07",
        "outlet_name": {"zh": "黄浦区服务网点", "en": "Huangpu outlet"},
        "card_in_hand": False,
        "number": id_number(sequence=sequence),
        "name": "钟小明",
        **changed,
    }


async def leave_a_case(house: House, clock: ManualClock, resident_id: str) -> None:
    """Have a resident's case refused by Shanghai: a row with every part of a result."""
    outlet = Outlet(house, clock)
    await outlet.join(key_thumbprint=None)
    outlet.behave(Manner.REFUSES)
    await outlet.opened(resident_id)
    assert await outlet.route() == 1
