"""The web application: the services of an open store become routes and what runs beside them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from litestar import Litestar
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler

from backend.accounts.endpoints import inbox_routes
from backend.accounts.sessions import Sessions
from backend.accounts.sms import SandboxSms
from backend.bookings.notices import BookingNoticeDelivery
from backend.bookings.planning import SlotPlanning
from backend.bookings.sweeps import BookingSweeps
from backend.cards.eligibility_reviews import EligibilityReviews
from backend.cards.holder_following import HolderFollower
from backend.cards.issuance import Issuance
from backend.cards.status_list import StatusLists
from backend.cross_region.endpoints import cross_region_routes
from backend.cross_region.routing import CaseRouting
from backend.foundation.audit_chain import Sequencer
from backend.foundation.audit_outbox import AuditOutbox
from backend.foundation.audit_watch import AuditWatch
from backend.foundation.data_keys import DataKeys
from backend.foundation.health import health_routes
from backend.foundation.kept_running import kept_running
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
from backend.functions.lists import FunctionLists
from backend.library.sweeps import LibrarySweeps
from backend.mandates.notices import NoticeDelivery
from backend.mandates.sweeps import MandateSweeps
from backend.readers.endpoints import reader_routes
from backend.readers.settling import Settling
from backend.residents.following import RegisterFollower
from backend.rights.closing_sweep import ClosingSweep
from backend.rights.endpoints import rights_routes
from backend.safe_checks.sweeps import SafeCheckSweeps
from backend.schema import first_looks, make_schema
from backend.settings import Settings
from backend.sharing.endpoints import sharing_routes
from backend.sharing.visit_statistics import VisitStatistics
from backend.stored import DOCUMENTS
from backend.stored_value.court_returns import CourtReturns
from backend.wiring import make_services
from shared.clock import Clock

MAX_BODY_BYTES = 1_000_000


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
        yield House(store, await make_services(settings, store, keys, clock, environ))
    finally:
        await store.close()


def make_app(settings: Settings, house: House, keys: Keys, clock: Clock) -> Litestar:
    """Return the web application; it keeps status list and audit chain up to date while it runs."""
    services = house.services
    routes = [
        *health_routes(house.store),
        *reader_routes(services, keys, clock, settings.region),
        *cross_region_routes(services, clock),
        *rights_routes(services, clock, services[Sessions].caller),
        *sharing_routes(services, clock),
        *([] if settings.production else inbox_routes(services[SandboxSms])),
        graphql_route(settings, services, clock),
    ]
    return app_of(routes, services, clock)


def graphql_route(settings: Settings, services: Services, clock: Clock) -> ControllerRouterHandler:
    """Return what phones and staff ask: the operations of every area, at one address."""
    return operations_route(
        make_schema(production=settings.production),
        services,
        clock,
        services[Sessions].caller,
        first_looks(),
        production=settings.production,
    )


def app_of(routes: Sequence[ControllerRouterHandler], services: Services, clock: Clock) -> Litestar:
    """Return a web application of some routes, with everything that stands around each."""
    return Litestar(
        route_handlers=routes,
        lifespan=[
            lambda _: kept_running(services[StatusLists].keep_fresh),
            lambda _: kept_running(services[FunctionLists].keep_fresh),
            lambda _: kept_running(services[DataKeys].keep_fresh),
            lambda _: kept_running(services[RegisterFollower].keep_following),
            lambda _: kept_running(services[HolderFollower].keep_following),
            lambda _: kept_running(services[EligibilityReviews].keep_swept),
            lambda _: kept_running(services[Issuance].keep_counted),
            lambda _: kept_running(services[AuditOutbox].keep_drained),
            lambda _: kept_running(services[Sequencer].keep_chained),
            lambda _: kept_running(services[AuditWatch].keep_watching),
            lambda _: kept_running(services[ClosingSweep].keep_sweeping),
            lambda _: kept_running(services[SlotPlanning].keep_planned),
            lambda _: kept_running(services[BookingSweeps].keep_swept),
            lambda _: kept_running(services[CourtReturns].keep_swept),
            lambda _: kept_running(services[CaseRouting].keep_routed),
            lambda _: kept_running(services[LibrarySweeps].keep_swept),
            lambda _: kept_running(services[MandateSweeps].keep_swept),
            lambda _: kept_running(services[SafeCheckSweeps].keep_swept),
            lambda _: kept_running(services[NoticeDelivery].keep_delivering),
            lambda _: kept_running(services[BookingNoticeDelivery].keep_delivering),
            lambda _: kept_running(services[Settling].keep_settled),
            lambda _: kept_running(services[VisitStatistics].keep_counted),
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
