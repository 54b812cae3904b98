"""What residents of the demonstration city were paid; filing it again changes nothing."""

from collections.abc import Sequence

from backend.foundation.access import Caller, Role
from backend.foundation.audit import Organisation
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from backend.subsidies.rules import Filing, PaymentState, UnpaidReason
from backend.subsidies.service import Subsidies
from shared.identifiers import random_identifier
from shared.localized_text import LocalizedText

_OFFICER = Caller(
    roles=frozenset({Role.DEPARTMENT_OFFICER}),
    organisation=Organisation("360700-mz", LocalizedText("市民政局", "Civil Affairs Bureau")),
)
_BANK = LocalizedText("赣州银行", "Bank of Ganzhou")
_FARMING = LocalizedText("耕地地力保护补贴", "Farmland protection subsidy")
_TRAINING = LocalizedText("职业培训补贴", "Vocational training subsidy")
_AGE = LocalizedText("高龄津贴", "Old age allowance")
PAYMENTS = (
    (
        Filing("demo-1-1", _FARMING, "2025", 36_450, _BANK, "5341", PaymentState.PAID),
        Filing(
            *("demo-1-2", _TRAINING, "2026-09", 90_000, _BANK, "5341", PaymentState.FAILED),
            UnpaidReason.ACCOUNT_CLOSED,
        ),
        Filing("demo-1-3", _FARMING, "2026", 37_125, _BANK, "5341", PaymentState.SENT),
    ),
    (
        Filing("demo-2-1", _AGE, "2026-Q2", 30_000, _BANK, "0872", PaymentState.PAID),
        Filing("demo-2-2", _AGE, "2026-Q3", 30_000, _BANK, "0872", PaymentState.PAID),
        Filing("demo-2-3", _AGE, "2026-Q4", 30_000, _BANK, "0872", PaymentState.APPROVED),
    ),
)
"""Of the first residents, each one's payments in the order in which they are filed."""


async def seed_subsidies(services: Services, residents: Sequence[str]) -> Refusal | None:
    """File the payments of the first of `residents`; return why they could not be."""
    for resident_id, filings in zip(residents, PAYMENTS, strict=False):
        for filing in filings:
            key = random_identifier("seed")
            filed = await services[Subsidies].file(_OFFICER, key, resident_id, filing)
            if isinstance(filed, Refusal):
                return filed
    return None
