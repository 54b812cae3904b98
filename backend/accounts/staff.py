"""Staff accounts: adding and listing them; what they may do is `staff_rights`."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.accounts.documents import Staff, StaffState
from backend.accounts.passwords import Passwords
from backend.accounts.rules import (
    LOGIN_IN_USE,
    MAX_ORGANISATION,
    ORGANISATION_FORM,
    roles_conflict,
    staff_login_of,
)
from backend.accounts.second_factor import provisioning_uri, recovery_codes_of, secret_of
from backend.foundation import audit
from backend.foundation.access import Caller, Role
from backend.foundation.audit import Deed, Organisation, System, holds_personal_number
from backend.foundation.households import Households
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DESCENDING, DuplicateKeyError, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import NOT_PERMITTED, Act, may
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.residents.rules import Identity, identity_of
from shared.clock import Clock
from shared.identifiers import random_identifier
from shared.identity.age import local_day
from shared.identity.masking import mask_name
from shared.localized_text import LocalizedText

COLLECTION = "staff"
_FIRST_PASSWORD_BYTES = 12
PERSON_PURPOSE = "accounts.staff.person"
_ORGANISATION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
_ADDED = LocalizedText("新建了工作账号", "Added a staff account")


@dataclass(frozen=True, slots=True)
class NewStaff:
    """Whom to make an account for; number and name as on the ID document."""

    login: str
    number: str = field(repr=False)
    name: str = field(repr=False)
    organisation: Organisation
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class FirstCredentials:
    """What the new member of staff gets, stored nowhere; `totp_secret` is in the URI too."""

    staff_id: str
    password: str = field(repr=False)
    totp_secret: str = field(repr=False)
    totp_uri: str = field(repr=False)
    recovery_codes: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """An account as officers see it in a list."""

    staff_id: str
    login: str
    masked_name: str
    organisation: Organisation
    roles: tuple[Role, ...]
    state: StaffState
    added_at: datetime
    changed_at: datetime

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return Position(self.added_at, self.staff_id)


class StaffAccounts:
    """The register of staff."""

    def __init__(
        self,
        passwords: Passwords,
        households: Households,
        once: Once,
        sealer: Sealer,
        clock: Clock,
    ) -> None:
        self._passwords = passwords
        self._households = households
        self._once = once
        self._sealer = sealer
        self._clock = clock

    async def add(
        self, caller: Caller | None, key: str, new: NewStaff
    ) -> FirstCredentials | Refusal:
        """Make an account; giving it roles is another act, of another officer.

        The credentials are made from the request by a keyed hash: whoever lost the answer asks
        again, and none are kept.
        """
        forbidden = may(caller, Act.STAFF_ADD)
        if forbidden is None and new.roles:
            forbidden = may(caller, Act.STAFF_GRANT)
        if forbidden is not None or caller is None:
            return forbidden or NOT_PERMITTED
        now = self._clock.now()
        person = _person_of(new, now)
        if isinstance(person, Refusal):
            return person
        login, identity = person
        staff_id, asker = random_identifier("stf"), caller.thumbprint or caller.actor.id
        first = self._first(staff_id, login, asker, key)
        hashed = await self._passwords.hash(first.password)
        if isinstance(hashed, Refusal):
            return hashed
        staff = self._new(new, identity, first, hashed)

        async def act(session: Session) -> Answer | Refusal:
            try:
                await staff.insert(session=session)
            except DuplicateKeyError:
                return LOGIN_IN_USE
            await self._households.know(staff_id, identity.number.value, session)
            await audit.record(deed_on_staff(caller, "staff_added", _ADDED, now), session)
            return {"staff": staff_id}

        said = (login, identity.number.value, identity.name, *sorted(new.roles))
        answer = await self._once.perform(
            caller=asker,
            key=key,
            request={"act": "add staff", "asked": self._fingerprint(*said, *_place(new))},
            now=now,
            act=act,
        )
        if isinstance(answer, Refusal):
            return answer
        return self._first(answer["staff"], login, asker, key)

    async def page(
        self, caller: Caller | None, first: int, after: Position | None
    ) -> Page[StaffFacts] | Refusal:
        """Return a page of the staff, the last added first."""
        forbidden = may(caller, Act.STAFF_READ)
        if forbidden is not None:
            return forbidden
        wanted: dict[str, Any] = {}
        if after is not None:
            wanted["added_at"] = {"$lte": after.at}
            wanted["$or"] = [{"added_at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}]
        order = [("added_at", DESCENDING), ("_id", DESCENDING)]
        rows = Staff.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
        return cut_page([self._facts(row) async for row in rows], first)

    def _first(self, staff_id: str, login: str, asker: str, key: str) -> FirstCredentials:
        """Return the credentials that a request leads to, the same each time."""
        seed = self._sealer.blind_index(
            f"{staff_id}\0{asker}\0{_plain(key)}", purpose="accounts.staff.first"
        )
        return FirstCredentials(
            staff_id=staff_id,
            password=base64.urlsafe_b64encode(seed[:_FIRST_PASSWORD_BYTES]).decode(),
            totp_secret=secret_of(seed),
            totp_uri=provisioning_uri(secret_of(seed), login),
            recovery_codes=recovery_codes_of(seed),
        )

    def _new(
        self, new: NewStaff, identity: Identity, first: FirstCredentials, hashed: str
    ) -> Staff:
        """Return the account as stored."""
        staff_id, now = first.staff_id, self._clock.now()
        roles = sorted(role.value for role in new.roles)
        return Staff(
            id=staff_id,
            login=new.login.strip().lower(),
            person_index=self._sealer.blind_index(identity.number.value, purpose=PERSON_PURPOSE),
            name_sealed=self._seal(identity.name, "name_sealed", staff_id),
            organisation=new.organisation.code,
            organisation_zh=new.organisation.name.zh,
            organisation_en=new.organisation.name.en,
            roles=roles,
            state=StaffState.ACTIVE,
            rights_proof=rights_proof(self._sealer, staff_id, StaffState.ACTIVE, roles),
            password_hash=hashed,
            password_is_first=True,
            totp_sealed=self._seal(first.totp_secret, "totp_sealed", staff_id),
            totp_step=0,
            recovery_hashes=[
                recovery_hash(self._sealer, staff_id, code) for code in first.recovery_codes
            ],
            added_at=now,
            changed_at=now,
        )

    def _facts(self, row: Mapping[str, Any]) -> StaffFacts:
        name = self._sealer.open(
            row["name_sealed"], collection=COLLECTION, field="name_sealed", document=row["_id"]
        )
        return StaffFacts(
            staff_id=row["_id"],
            login=row["login"],
            masked_name=mask_name(name),
            organisation=Organisation(
                row["organisation"], LocalizedText(row["organisation_zh"], row["organisation_en"])
            ),
            roles=tuple(map(Role, row["roles"])),
            state=StaffState(row["state"]),
            added_at=row["added_at"],
            changed_at=row["changed_at"],
        )

    def _seal(self, value: str, name: str, staff_id: str) -> bytes:
        return self._sealer.seal(value, collection=COLLECTION, field=name, document=staff_id)

    def _fingerprint(self, *values: str) -> str:
        return self._sealer.blind_index("\0".join(values), purpose="accounts.staff.request").hex()


def _place(new: NewStaff) -> tuple[str, ...]:
    name = new.organisation.name
    return new.organisation.code, name.zh, name.en


def _person_of(new: NewStaff, now: datetime) -> tuple[str, Identity] | Refusal:
    """Return login and person of a new account."""
    login = staff_login_of(new.login)
    identity = identity_of(new.number, new.name, local_day(now))
    if isinstance(login, Refusal):
        return login
    if isinstance(identity, Refusal):
        return identity
    return _place_refused(new.organisation) or roles_conflict(new.roles) or (login, identity)


def _place_refused(organisation: Organisation) -> Refusal | None:
    """Return why an organisation cannot be written into every row of what its staff does."""
    names = (organisation.name.zh, organisation.name.en)
    fits = all(0 < len(name) <= MAX_ORGANISATION and name.isprintable() for name in names)
    if not fits or not _ORGANISATION.fullmatch(organisation.code):
        return ORGANISATION_FORM
    return ORGANISATION_FORM if any(map(holds_personal_number, names)) else None


def deed_on_staff(caller: Caller, action: str, words: LocalizedText, at: datetime) -> Deed:
    """Return the deed of somebody who acts on an account of staff."""
    return Deed(
        at=at,
        actor=caller.actor,
        action=f"accounts.{action}",
        words=words,
        system=System.COUNTER,
        organisation=caller.organisation,
    )


def rights_proof(sealer: Sealer, staff_id: str, state: str, roles: list[str]) -> bytes:
    """Return the keyed hash that vouches for a row of rights."""
    row = "\0".join((staff_id, state, *sorted(roles)))
    return sealer.blind_index(row, purpose="accounts.staff.rights")


def recovery_hash(sealer: Sealer, staff_id: str, code: str) -> bytes:
    """Return what a recovery code is stored as."""
    plain = code.encode("utf-8", "replace").decode()
    return sealer.blind_index(f"{staff_id}\0{plain}", purpose="accounts.staff.recovery")


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
