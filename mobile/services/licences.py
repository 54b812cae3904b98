"""One's own licences, and deciding what desks see of them; never for anybody else."""

from mobile.core.licence import LicenceRequest, OwnLicences
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.acts import Act
from mobile.services.answers import read_result
from mobile.services.backend import Data


class Licences:
    """Holds the requests as last read until the app ends, and no licence at all."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._decide = Act("DecideLicenceRequest", _changed)
        self._withdraw = Act("WithdrawLicenceGrant", _changed)
        self.requests: tuple[LicenceRequest, ...] = ()
        self.was_read = False
        account.listen(self._follow)

    async def read(self) -> Trouble | None:
        """Read what desks asked, the newest first."""
        answer = await self._account.ask("LicenceRequests", {})
        found = read_result(
            answer,
            "licenceRequests",
            lambda wire: tuple(map(LicenceRequest.of_wire, wire["nodes"])),
        )
        if isinstance(found, Trouble):
            return found
        self.requests, self.was_read = found, True
        return None

    async def look_up(self) -> OwnLicences | Trouble:
        """Ask the registry now; the look is recorded."""
        answer = await self._account.ask("OwnLicences", {})
        return read_result(answer, "ownLicences", OwnLicences.of_wire)

    async def decide(self, request: str, *, agree: bool) -> Trouble | None:
        """Let the desk see all that it named, or nothing; once however often it is sent."""
        wish = {"licenceRequest": request, "agree": agree}
        return self._learn(await self._decide.perform(self._account.ask, wish))

    async def withdraw(self, request: str) -> Trouble | None:
        """Take back what was granted and not used."""
        wish = {"licenceRequest": request}
        return self._learn(await self._withdraw.perform(self._account.ask, wish))

    def _learn(self, changed: LicenceRequest | Trouble) -> Trouble | None:
        if isinstance(changed, Trouble):
            return changed
        same = changed.identifier
        self.requests = tuple(changed if one.identifier == same else one for one in self.requests)
        return None

    def _follow(self) -> None:
        if not self._account.signed_in:
            self.requests, self.was_read = (), False


def _changed(wire: Data) -> LicenceRequest:
    return LicenceRequest.of_wire(wire["licenceRequest"])
