"""The area's services, put together."""

from backend.accounts.own_password import OwnPassword
from backend.accounts.own_second_factor import OwnSecondFactor
from backend.accounts.passwords import Passwords
from backend.accounts.phone_change import PhoneChange
from backend.accounts.registration import SelfRegistration
from backend.accounts.sessions import Sessions
from backend.accounts.sign_in import SignIn
from backend.accounts.sms import SandboxSms, SmsOutbox
from backend.accounts.sms_codes import SmsCodes
from backend.accounts.staff import StaffAccounts
from backend.accounts.staff_rights import StaffRights
from backend.accounts.staff_sign_in import StaffSignIn
from backend.accounts.tries import TryLimits
from backend.foundation.households import Households
from backend.foundation.idempotency import Once
from backend.foundation.sealing import Sealer
from backend.residents.registration import RealNameRegistration
from backend.residents.service import Residents
from backend.settings import Settings
from shared.clock import Clock


def account_services(
    settings: Settings,
    sealer: Sealer,
    residents: Residents,
    registration: RealNameRegistration,
    sessions: Sessions,
    once: Once,
    clock: Clock,
) -> list[object]:
    """Return the services of signing in; without a gateway in production no code is sent by SMS."""
    policy = settings.accounts
    passwords, limits = Passwords(policy), TryLimits(sealer, policy, clock)
    # No gateway of an operator is connected yet: in production no code is sent.
    sandbox = None if settings.production else SandboxSms(clock)
    outbox = SmsOutbox(sandbox)
    codes = SmsCodes(residents, limits, sealer, outbox, policy, clock)
    return [
        codes,
        SignIn(residents, sessions, once, passwords, limits, codes, policy, clock),
        SelfRegistration(registration, sessions, codes, outbox, limits, once, policy, clock),
        PhoneChange(residents, codes, outbox, limits, once, clock),
        OwnPassword(residents, sessions, passwords, limits, clock),
        StaffAccounts(passwords, Households(sealer), once, sealer, clock),
        StaffRights(sessions, limits, once, sealer, clock),
        OwnSecondFactor(sessions, passwords, limits, once, sealer, clock),
        StaffSignIn(sessions, once, passwords, limits, sealer, policy, clock),
        *([sandbox] if sandbox else []),
    ]
