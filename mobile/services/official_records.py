"""Looking up what other authorities hold of whoever is in front; nothing of it stays here."""

from mobile.core.official_record import KINDS, OfficialRecord
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.answers import read_result
from mobile.services.city_time import CityTime
from mobile.services.family import Family


class OfficialRecords:
    """Speaks for who is signed in, or for the principal in front."""

    def __init__(self, account: Account, family: Family, time: CityTime) -> None:
        self._account = account
        self._time = time
        self.family = family

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that may be looked up: of one's own every one, else what the mandate allows."""
        principal = self.family.principal
        if not self.family.acting:
            return tuple(KINDS)
        if principal is None:
            return ()
        now = self._time.now()
        return tuple(
            kind for kind, (_, scope) in KINDS.items() if principal.mandate.allows(scope, now)
        )

    async def look_up(self, kind: str) -> OfficialRecord | Trouble:
        """Ask for a record now; the look is recorded, and a principal is told of it."""
        operation = KINDS[kind][0]
        answer = await self._account.ask(operation, {}, self.family.acting)
        field = operation[:1].lower() + operation[1:]
        return read_result(answer, field, OfficialRecord.of_wire)
