"""A request in the demonstration city: its housing bureau asks a holder for two licences."""

from backend.assertions.evidence import Shown
from backend.foundation.access import Caller, Role
from backend.foundation.audit import Organisation
from backend.foundation.operations import Services
from backend.licences.registry import LicenceKind
from backend.licences.rules import Wish
from backend.licences.service import LicenceRequests
from shared.localized_text import LocalizedText

_HOUSING = Organisation("360700-zj", LocalizedText("市住房和城乡建设局", "Housing Bureau"))
_DESK = Caller(roles=frozenset({Role.DEPARTMENT_OFFICER}), organisation=_HOUSING)
_WISH = Wish((LicenceKind.HOUSEHOLD, LicenceKind.DRIVING), "申请公共租赁住房")


async def seed_licence_request(services: Services, identification_code: bytes) -> None:
    """Ask once, by the card as the desk reads it, unless that card does not count any more."""
    shown = Shown(identification_code=identification_code.hex())
    await services[LicenceRequests].ask(_DESK, "seed licences", _WISH, shown)
