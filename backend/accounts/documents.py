"""How accounts are stored: no password, code or token, only what proves one."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from beanie import Document
from pymongo import ASCENDING, DESCENDING, IndexModel

ENDED_KEPT = timedelta(days=180)  # as long as logs of access are kept (L16)
_DAY = 86_400


class SignInMethod(StrEnum):
    """How the session's holder proved who they are."""

    PASSWORD = "password"  # noqa: S105 - a name
    SMS_CODE = "sms_code"
    FACE_AND_SMS_CODE = "face_and_sms_code"  # at registration
    PASSWORD_AND_TOTP = "password_and_totp"  # noqa: S105 - a name
    PASSWORD_AND_RECOVERY_CODE = "password_and_recovery_code"  # noqa: S105 - a name


class SessionEnd(StrEnum):
    """Why a session is over before its time."""

    SIGNED_OUT = "signed_out"
    ENDED_BY_HOLDER = "ended_by_holder"
    TOKEN_REUSED = "token_reused"  # noqa: S105 - a name
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a name
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    ROLES_CHANGED = "roles_changed"
    ACCOUNT_DISABLED = "account_disabled"
    HOLDER_DECEASED = "holder_deceased"
    ACCOUNT_CLOSED = "account_closed"
    RECORDS_CHANGED = "records_changed"


class Account(Document):
    """A resident's password; its id is the resident's."""

    id: str  # type: ignore[assignment]  # a text of our own, not an ObjectId
    password_hash: str
    password_set_at: datetime

    class Settings:
        """Where it is stored."""

        name = "accounts"


class DeviceSession(Document):
    """One device's sign-in; `subject` is a resident's or a staff member's id.

    The session is the family of its refresh tokens: `refresh_hash` is the present one's, and
    `previous_hash` the one it was made from, by the request with the hashed key `renewal_key`.
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    subject: str
    thumbprint: str
    device_name: str
    method: SignInMethod
    roles: list[str]
    organisation: str
    organisation_zh: str
    organisation_en: str
    refresh_hash: bytes
    previous_hash: bytes | None = None
    renewal_key: bytes | None = None
    started_at: datetime
    renewed_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    end: SessionEnd | None = None

    class Settings:
        """Where it is stored."""

        name = "sessions"
        indexes: ClassVar = [
            IndexModel([("subject", ASCENDING), ("renewed_at", DESCENDING)]),
            IndexModel("expires_at", expireAfterSeconds=int(ENDED_KEPT.total_seconds())),
        ]


class SmsCode(Document):
    """The newest code sent to one phone for one purpose; its id is their blind index.

    `resident_ids` are who signs in by it. A phone nobody registered gets a code to sign in too,
    which nobody is sent: both cost the same.
    """

    id: str  # type: ignore[assignment]  # a keyed hash, not an ObjectId
    resident_ids: list[str]
    code_hash: bytes
    tries_left: int
    used_by: bytes | None = None
    expires_at: datetime

    class Settings:
        """Where it is stored."""

        name = "sms_codes"
        keep_nulls = True
        indexes: ClassVar = [IndexModel("expires_at", expireAfterSeconds=_DAY)]


class Tries(Document):
    """How many tries something (a login name, an address) has made in its present window.

    Kept in the store so that a restart forgives nobody; its id is a keyed hash.
    """

    id: str  # type: ignore[assignment]  # a keyed hash, not an ObjectId
    taken: int
    until: datetime

    class Settings:
        """Where it is stored."""

        name = "sign_in_tries"
        indexes: ClassVar = [IndexModel("until", expireAfterSeconds=_DAY)]


class StaffState(StrEnum):
    """Whether the person may sign in."""

    ACTIVE = "active"
    DISABLED = "disabled"


class Staff(Document):
    """A member of staff.

    One account a person (`person_index` is the blind index of the citizen number), so that nobody
    holds two officers' posts under two names. `rights_proof` is a keyed hash over id, state and
    roles: who changes a row in the store without the key is found out (GB/T 39786 §8.4 e).
    `totp_step` is the last time step whose code was used; `totp_next_sealed` the secret of an
    authenticator that is being set up.
    """

    id: str  # type: ignore[assignment]  # a random text, not an ObjectId
    login: str
    person_index: bytes
    name_sealed: bytes
    organisation: str
    organisation_zh: str
    organisation_en: str
    roles: list[str]
    state: StaffState
    rights_proof: bytes
    password_hash: str
    password_is_first: bool
    totp_sealed: bytes
    totp_step: int
    totp_request: bytes | None = None
    totp_next_sealed: bytes | None = None
    recovery_hashes: list[bytes]
    added_at: datetime
    changed_at: datetime

    class Settings:
        """Where it is stored."""

        name = "staff"
        indexes: ClassVar = [
            IndexModel("login", unique=True),
            IndexModel("person_index", unique=True),
            IndexModel([("added_at", DESCENDING), ("_id", DESCENDING)]),
        ]
