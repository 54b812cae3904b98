"""A payout account that a resident named and took back, for tests of what is kept of a person."""

from unittest.mock import patch

from backend.accounts.sessions import Sessions
from backend.app import House
from backend.foundation.access import Caller
from backend.payout_accounts.refusals import NOTHING_WAITS
from backend.payout_accounts.rules import payee_of
from backend.payout_accounts.service import PayoutAccounts, PayoutAccountView
from tests.backend.actors import new_key


async def leave_a_payout_account(house: House, resident_id: str) -> None:
    """Have a resident, taken for signed in just now, name an account, and another in its place."""
    caller, service = (
        Caller(resident_id=resident_id, thumbprint="p"),
        house.services[PayoutAccounts],
    )
    with patch.object(Sessions, "is_fresh_sms", return_value=True):
        for number in ("6222021510001234567", "6217003810009876543"):
            payee = payee_of("赣州银行", number)
            assert isinstance(await service.change(caller, new_key(), payee), PayoutAccountView)
    assert await service.withdraw(caller, new_key()) != NOTHING_WAITS
    with patch.object(Sessions, "is_fresh_sms", return_value=True):
        again = await service.change(caller, new_key(), payee_of("赣州银行", "6222021510001234567"))
    assert isinstance(again, PayoutAccountView)
