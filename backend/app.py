"""The one place that wires: settings, keys and store become services, services become routes."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from litestar import Litestar
from litestar.exceptions import HTTPException

from backend.accounts.documents import Account, DeviceSession, SmsCode, Staff, Tries
from backend.accounts.endpoints import inbox_routes
from backend.accounts.own_password import OwnPassword
from backend.accounts.passwords import Passwords
from backend.accounts.sessions import Sessions
from backend.accounts.sign_in import SignIn
from backend.accounts.sms import SandboxSms
from backend.accounts.sms_codes import SmsCodes
from backend.accounts.staff import StaffAccounts
from backend.accounts.staff_sign_in import StaffSignIn
from backend.accounts.tries import TryLimits
from backend.cards.documents import Card, EnrolmentCode, StoredStatusList
from backend.cards.enrolment import Enrolment
from backend.cards.service import Cards
from backend.cards.status_list import StatusLists
from backend.foundation.access_token import AccessTokens
from backend.foundation.audit import AuditRow
from backend.foundation.audit_chain import AuditLink, ChainHead, Sequencer
from backend.foundation.health import health_routes
from backend.foundation.idempotency import KeptAnswer, Once
from backend.foundation.keys import Keys
from backend.foundation.logs import request_log
from backend.foundation.mongo import Store, open_store
from backend.foundation.operations import Services, operations_route
from backend.foundation.problems import (
    Problem,
    answer_failure,
    answer_http_exception,
    answer_problem,
)
from backend.foundation.sealing import Sealer
from backend.readers.booking import Booking
from backend.readers.documents import Scan, Terminal
from backend.readers.endpoints import reader_routes
from backend.readers.service import Terminals
from backend.readers.visits import Visits
from backend.residents.documents import Resident
from backend.residents.service import Residents
from backend.schema import make_schema
from backend.settings import Settings
from backend.venues.documents import Venue
from backend.venues.service import Venues
from shared.clock import Clock

MAX_BODY_BYTES = 1_000_000
_SEALING_KEY_ID = 1
DOCUMENTS = (
    Resident,
    Card,
    EnrolmentCode,
    StoredStatusList,
    Venue,
    Terminal,
    Scan,
    KeptAnswer,
    Account,
    DeviceSession,
    SmsCode,
    Tries,
    Staff,
    AuditRow,
    AuditLink,
    ChainHead,
)


@dataclass(frozen=True, slots=True)
class House:
    """The open store and the services that work on it."""

    store: Store
    services: Services


@asynccontextmanager
async def open_house(
    settings: Settings, uri: str, keys: Keys, clock: Clock, environ: Mapping[str, str]
) -> AsyncIterator[House]:
    """Connect to the store and make the services."""
    store = await open_store(uri, settings.database, DOCUMENTS)
    try:
        yield House(store, make_services(settings, store, keys, clock, environ))
    finally:
        await store.close()


def make_app(settings: Settings, house: House, keys: Keys, clock: Clock) -> Litestar:
    """Return the web application; it keeps status list and audit chain up to date while it runs."""
    services = house.services
    schema = make_schema(production=settings.production)
    return Litestar(
        route_handlers=[
            *health_routes(house.store),
            *reader_routes(services, keys, clock, settings.region),
            *([] if settings.production else inbox_routes(services[SandboxSms])),
            operations_route(
                schema,
                services,
                clock,
                services[Sessions].caller,
                production=settings.production,
            ),
        ],
        lifespan=[
            lambda _: _kept_running(services[StatusLists].keep_fresh()),
            lambda _: _kept_running(services[Sequencer].keep_chained()),
        ],
        middleware=[request_log(clock)],
        exception_handlers={
            Problem: answer_problem,
            HTTPException: answer_http_exception,
            Exception: answer_failure,
        },
        request_max_body_size=MAX_BODY_BYTES,
        # Logs go our own way (`foundation.logs`), and the interface is described elsewhere.
        logging_config=None,
        openapi_config=None,
    )


def make_services(
    settings: Settings, store: Store, keys: Keys, clock: Clock, environ: Mapping[str, str]
) -> Services:
    """Return the areas' services on an open store; `environ` is for programs the server starts."""
    sealer = Sealer({_SEALING_KEY_ID: keys.sealing}, _SEALING_KEY_ID, keys.index)
    residents, venues, once = Residents(sealer), Venues(keys), Once(store)
    cards = Cards(sealer, settings.region, settings.region_name_en)
    return Services(
        residents,
        venues,
        cards,
        Enrolment(residents, once, keys, sealer, clock),
        StatusLists(clock, environ),
        Terminals(venues, keys, sealer, settings.region),
        Booking(cards, venues),
        Visits(),
        Sequencer(clock),
        *_account_services(settings, keys, sealer, residents, once, clock),
    )


def _account_services(
    settings: Settings, keys: Keys, sealer: Sealer, residents: Residents, once: Once, clock: Clock
) -> list[object]:
    policy = settings.accounts
    tokens = AccessTokens(keys.tokens, timedelta(seconds=policy.access_seconds))
    sessions, passwords = Sessions(tokens, sealer, clock), Passwords(policy)
    limits = TryLimits(sealer, policy, clock)
    # No gateway of an operator is connected yet: in production no code is sent.
    sandbox = None if settings.production else SandboxSms(clock)
    codes = SmsCodes(residents, limits, sealer, sandbox, policy, clock)
    return [
        sessions,
        codes,
        SignIn(residents, sessions, once, passwords, limits, codes, policy, clock),
        OwnPassword(residents, sessions, passwords, limits, clock),
        StaffAccounts(sessions, passwords, sealer, clock),
        StaffSignIn(sessions, once, passwords, limits, sealer, policy, clock),
        *([sandbox] if sandbox else []),
    ]


@asynccontextmanager
async def _kept_running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
