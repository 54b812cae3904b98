"""No query reads a whole collection: every command of a full story is explained by mongod."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from backend.app import House
from backend.cards.asking import Asking
from backend.cards.card_service_frame import CardChange, Wish
from backend.cards.card_services import CardServices
from backend.cards.card_writes import SYSTEM, PhysicalCard
from backend.cards.commands import COUNTER
from backend.cards.concession import Attestation, Category
from backend.cards.concessions import Concessions
from backend.cards.devices import Devices, unbind
from backend.cards.holder_following import HolderFollower
from backend.cards.lifecycle import CardEvent, ReplacementReason
from backend.cards.paper_codes import PaperCodes, Sheet
from backend.cards.paper_register import (
    paper_is_live,
    paper_stopped_after,
    papers_of,
    papers_stopped,
)
from backend.cards.policies import EcardPolicies
from backend.cards.policy import DEFAULT
from backend.cards.service import Cards
from backend.cards.status_list import StatusLists, build_status_list
from backend.cards.update_codes import UpdateCode, update_code
from backend.cross_region.cases import CrossRegionCases
from backend.datause.service import DataUse
from backend.demo_city import VENUES, seed
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.audit import in_one_write
from backend.foundation.audit_outbox import AuditOutbox
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.foundation.operations import Services
from backend.foundation.pages import Page, Position
from backend.foundation.refusals import Refusal
from backend.help_requests.leaving import HelpLeaving
from backend.help_requests.rules import HelpTopic
from backend.help_requests.service import HelpRequests, HelpRequestView
from backend.mandates.acting import Acting, MandateUses
from backend.mandates.granting import terms_of
from backend.mandates.leaving import MandateLeaving
from backend.mandates.notices import NoticeDelivery
from backend.mandates.reach import DELEGABLE
from backend.mandates.representing import (
    codes_stopped,
    phones_showing,
    place_of_code,
    stopped_after,
    who_showed,
)
from backend.mandates.scopes import Relation, Scope
from backend.mandates.service import Invited, Mandates
from backend.mandates.sweeps import MandateSweeps
from backend.mandates.views import MandateViews, Side
from backend.payout_accounts.leaving import PayoutLeaving
from backend.payout_accounts.refusals import NOTHING_WAITS
from backend.payout_accounts.service import PayoutAccounts, payee_at
from backend.readers.booking import Booking
from backend.readers.conflict_report import ConflictReport
from backend.readers.conflict_rules import ConflictState
from backend.readers.flow import Flow
from backend.readers.look_up import LookUps
from backend.readers.service import TerminalFacts
from backend.readers.settling import Settling
from backend.readers.window_rules import DeviceKind, Window
from backend.readers.windows import Windows
from backend.residents.following import RegisterFollower
from backend.residents.register import ChangeKind
from backend.residents.sandbox import SandboxRegister
from backend.residents.service import Residents
from backend.rights.source_conflicts import SourceConflicts
from backend.safe_checks.documents import SafeCheck
from backend.safe_checks.rules import Wish as SafeWish
from backend.safe_checks.service import SafeChecks
from backend.safe_checks.sweeps import SafeCheckSweeps
from backend.settings import Settings
from backend.stored_value.court_payments import CourtPayment, CourtPayments
from backend.subsidies.leaving import SubsidyLeaving
from backend.subsidies.rules import PaymentState
from backend.subsidies.service import Filed, Subsidies
from backend.surveys.rules import Satisfaction
from backend.surveys.service import Surveys
from backend.venues.service import Venues
from shared.admission.time_conditions import NotInside, Passback
from shared.clock import LOCAL_ZONE, ManualClock
from shared.identity.age import local_day
from tests.backend.actors import (
    REGION,
    City,
    Holder,
    Terminal,
    code_scan,
    id_number,
    new_key,
    scan,
)
from tests.backend.bookings.hall import person
from tests.backend.cards.facts import told_of
from tests.backend.cross_region.outlet import CLERK, Outlet, incoming
from tests.backend.residents.officers import SECOND, Officers
from tests.backend.stored_value.till import COURT, Till
from tests.backend.subsidies.paying import filed

EXPLAINED = {"find", "aggregate", "update", "findAndModify", "delete", "distinct", "count"}
UNEXPLAINED = {
    # Writes without a filter, and what manages sessions.
    "insert",
    "commitTransaction",
    "abortTransaction",
}
WITHOUT = {
    "lsid",
    "$db",
    "$clusterTime",
    "txnNumber",
    "startTransaction",
    "autocommit",
    "readConcern",
}


async def _story(
    city: City, house: House, mongod: RunningMongod, settings: Settings, keys: Keys
) -> None:
    """Everything the backend does, once."""
    clock, services = city.clock, house.services
    await seed(services, clock.now())
    await city.resident(id_number())
    await city.resident(id_number())
    holder = await city.holder("955", digest=None)
    phone, lost = await city.phone(holder), await city.phone(holder)
    await phone.renew()
    await services[AuditOutbox].drain()
    await phone.enrol(await city.code(holder))  # a key in use
    await unbind(holder.card_id, 2, clock.now())
    await lost.renew()
    index = await city.card_index(holder)
    assert isinstance(await update_code(REGION, keys, clock.now()), UpdateCode)
    one, other = await city.terminal(1), await city.terminal(2)
    await one.enrol("tok_none")
    twice = code_scan(clock.now(), index)
    await one.upload(twice, scan(clock.now()), code_scan(clock.now(), index, 9))
    await one.upload(twice, code_scan(clock.now(), index, 7, lane=2))
    await other.upload(twice)
    await one.send("GET", "/readers/v1/manifest")
    await services[Booking].two_gates(10)
    await _meaning_story(city, house, one, other)
    page = (await phone.ask("Visits", first=1))["visits"]
    await phone.ask("Visits", first=1, after=page["pageInfo"]["endCursor"])
    await phone.ask("Attendance", venue=1, month="2026-11")
    month = clock.now().astimezone(LOCAL_ZONE).strftime("%Y-%m")
    venues = (await phone.ask("AttendanceVenues", month=month, first=1))["attendanceVenues"]
    await phone.ask("AttendanceVenues", month=month, after=venues["pageInfo"]["endCursor"])
    await phone.ask("Home")
    await phone.ask("Timeline", first=1)
    await services[StatusLists].is_due()
    await city.served(holder, CardEvent.SUSPEND)
    await build_status_list(mongod.uri, settings.database, REGION, keys, clock)
    await services[StatusLists].is_due()
    await services[StatusLists].newest()
    await services[Cards].live_card(holder.resident_id)
    await _card_story(city, house)
    await _cross_region_story(city, house)
    await _mandate_story(city, house)
    await _merging_story(city, house)


async def _merging_story(city: City, house: House) -> None:
    """Two records merged and unmerged, found by either and read by their person."""
    officers = Officers(house)
    kept, merged = [await city.resident(id_number(sequence=f"97{n}")) for n in (1, 2)]
    merge_id = await officers.proposed(kept, merged)
    page = await officers.merging.waiting(SECOND, 1, None)
    assert isinstance(page, Page)
    await officers.merging.waiting(SECOND, 1, page.rows[0].position)
    await officers.decided(merge_id)
    residents = house.services[Residents]
    found = await residents.having(
        {"number_index": residents.number_index(id_number(sequence="972"))}
    )
    assert found.keys() == {kept}
    await house.services[DataUse].uses(kept, 5, None)
    await officers.unmerged(merge_id)


async def _cross_region_story(city: City, house: House) -> None:
    """A case each way, sent, answered and read by everybody who may."""
    outlet, cases = Outlet(house, city.clock), house.services[CrossRegionCases]
    await outlet.join()
    person = await city.resident()
    case_id = await outlet.opened(person)
    assert await outlet.route() == 1
    page = await cases.of_outlet(CLERK, 1, None)
    assert isinstance(page, Page)
    await cases.of_outlet(CLERK, 1, page.rows[0].position)
    await cases.of_caller(Caller(resident_id=person), 1, page.rows[0].position)
    await cases.one(CLERK, case_id)
    assert await outlet.done() == 1
    await city.holder("967", digest=None)
    status, told = await outlet.tells(city, "/cross-region/v1/cases", incoming("967"))
    assert (status, told["outcome"]) == (200, "done")


async def _mandate_story(city: City, house: House) -> None:
    """A mandate from its invitation to its end, used and told of in between."""
    services, clock = house.services, city.clock
    elder, younger = [
        Caller(resident_id=await city.resident(id_number(birth, "944")), thumbprint=birth)
        for birth in ("19480229", "19750310")
    ]
    mandates, views = services[Mandates], services[MandateViews]
    made = await mandates.invite(
        elder, new_key(), Side.PRINCIPAL, terms_of(Relation.ELDER, [Scope.BOOK], 31)
    )
    assert isinstance(made, Invited)
    await mandates.take(younger, new_key(), made.invitation)
    mandate = made.mandate.mandate_id
    await mandates.confirm(elder, new_key(), mandate)
    helping = services[HelpRequests]
    for topic in (HelpTopic.BOOK, HelpTopic.TALK):
        asked = await helping.ask(elder, new_key(), mandate, topic)
        assert isinstance(asked, HelpRequestView), asked
        await helping.requests(elder, Side.PRINCIPAL)
        await helping.requests(younger, Side.DELEGATE)
        await helping.answer(younger, new_key(), asked.request_id)
    acting = replace(younger, acting_for=mandate)
    seen = await services[MandateUses].acting(acting, DELEGABLE["bookings"])
    assert isinstance(seen, Acting), seen
    for first in (None, Position(clock.now(), "mnd_z")):
        await views.page(elder, Side.PRINCIPAL, 1, first)
        await views.page(younger, Side.DELEGATE, 1, first)
        await views.acts(elder, mandate, 1, first)
        await views.acts(younger, mandate, 1, first)
        await views.notices(elder, 1, first)
    await phones_showing([1], clock.now())
    await codes_stopped(clock.now(), clock.now())
    await stopped_after(clock.now())
    await papers_stopped(clock.now())
    await paper_stopped_after(clock.now())
    await papers_of([1, 2], clock.now())
    await paper_is_live(1, 0x7001)
    await who_showed([(1, 0x8001), (2, 0x8002)])
    await in_one_write(lambda session: place_of_code(mandate, 1, "none", clock.now(), session))
    stranger = Caller(resident_id="res_stranger", thumbprint="s")
    assert isinstance(await mandates.stop(stranger, new_key(), mandate), Refusal)  # no guardian
    await mandates.dispute(elder, new_key(), mandate)
    await services[MandateSweeps].sweep()
    await services[NoticeDelivery].deliver()
    await mandates.stop(elder, new_key(), mandate)
    assert elder.resident_id is not None
    leaver = elder.resident_id
    payouts = services[PayoutAccounts]
    await payouts.own(elder)
    assert await payouts.withdraw(elder, new_key()) == NOTHING_WAITS
    await in_one_write(lambda session: payee_at(leaver, clock.now(), session))
    for leaving in (HelpLeaving(), PayoutLeaving(), MandateLeaving()):
        close = partial(leaving.close_account, leaver, clock.now())
        await in_one_write(close)


async def _meaning_story(city: City, house: House, one: Terminal, other: Terminal) -> None:
    """An entry on a booking that is not there, taken back; a conflict that staff look at."""
    clock, services, index = city.clock, house.services, 12_345
    entry = code_scan(clock.now(), index, 21, version=2, counted_on=["bkg_none"])
    await one.upload(entry)
    undone = {"scan_id": "a" * 32, "annuls": entry["scan_id"], "verdict": "system"}
    await one.upload({**entry, **undone})
    both = code_scan(clock.now(), index, 22)
    await one.upload(both)
    await other.upload({**both, "scan_id": "b" * 32})
    await services[Settling].sweep()
    await _passback_story(city)
    required = frozenset({DeviceKind.CARD_READER})
    await services[Windows].record(OPERATOR, new_key(), Window("h-1", 1, required))
    report = services[ConflictReport]
    page = await report.page(OPERATOR, 1, 1, None)
    assert isinstance(page, Page)
    await report.page(OPERATOR, 1, 1, page.rows[0].position, ConflictState.OPEN)
    await report.acknowledge(OPERATOR, new_key(), 1, page.rows[0].conflict_id, "已核实")
    await services[Flow].inside(1)
    await services[Flow].by_hour(1, clock.now().date())
    gate = TerminalFacts("trm_gate", 1)
    await report.of_gates(gate)
    await services[LookUps].find(gate, "u01", "钟小明", "", "核对预约")


async def _passback_story(city: City) -> None:
    """Somebody came in at two readers of a venue that refuses that."""
    refusing = replace(VENUES[0].rules, conditions=(NotInside(Passback.HARD),))
    await city.house.services[Venues].put(replace(VENUES[0], rules=refusing))
    index = await city.card_index(await city.holder("648", digest=None))
    for at, reader in enumerate(("trm_east", "trm_west")):
        row = code_scan(city.clock.now(), index, 23 + at)
        facts = TerminalFacts(reader, 1)
        await city.house.services[Booking].book(facts, [row], city.clock.now())
    await city.house.services[Venues].put(VENUES[0])


async def _card_story(city: City, house: House) -> None:
    """A card's whole life, and its phones'."""
    services, holder = house.services, await city.holder("966", digest=None)
    cards = services[CardServices]

    def wish() -> Wish:
        return Wish(COUNTER, new_key(), card_in_hand=True)

    reason = ReplacementReason.DAMAGED
    new = await cards.replace(wish(), holder.card_id, reason, keep_number=True)
    assert isinstance(new, CardChange), new
    physical = PhysicalCard("D15600966", None, 3)
    assert isinstance(
        await cards.produced(Wish(SYSTEM, new_key()), new.card_id, physical), CardChange
    )
    await city.served(new.card_id, CardEvent.ENABLE)
    await city.phone(Holder(holder.resident_id, new.card_id))
    owner = Caller(resident_id=holder.resident_id, thumbprint="t")
    await services[Devices].of(owner, holder.resident_id)
    await services[Devices].unbind(owner, new_key(), 1)
    await services[Cards].present_card(holder.resident_id)
    asking, papers = Asking(holder.resident_id, "t", None), services[PaperCodes]
    sheet = await papers.make(asking, new_key(), local_day(city.clock.now()))
    assert isinstance(sheet, Sheet), sheet
    await papers.of(asking)
    await papers.revoke(asking, new_key(), sheet.facts.id)
    await _rate(services[Surveys], asking)
    await _well(services, asking)
    await _pay(city, house, asking)
    word = Attestation(Category.VETERAN, "退役军人事务局", date(2020, 1, 1))
    await services[Concessions].attest(COUNTER, new_key(), holder.resident_id, word)
    await services[SourceConflicts].waiting(COUNTER, 5, None)
    await services[EcardPolicies].change(OPERATOR, new_key(), DEFAULT.to_table())
    await cards.expire()
    await _register_story(house, holder)
    await city.served(new.card_id, CardEvent.CANCEL)
    await cards.apply(wish(), holder.resident_id)


async def _rate(surveys: Surveys, asking: Asking) -> None:
    for one in await surveys.ratable(asking):
        await surveys.rate(asking, new_key(), one.scan_id, Satisfaction.SATISFIED)
    officer = Caller(staff_id="stf_officer", roles=frozenset({Role.DEPARTMENT_OFFICER}))
    await surveys.of_venue(officer, 1, "2026-01")


async def _well(services: Services, asking: Asking) -> None:
    checks, sweeps = services[SafeChecks], services[SafeCheckSweeps]
    await checks.set(asking, new_key(), SafeWish(600, ("mnd_none",)))
    due = datetime(2020, 1, 1, tzinfo=UTC)
    await SafeCheck(id=asking.resident_id, minute=600, contacts=["mnd_none"], due_at=due).insert()
    await checks.of(asking)
    await sweeps.sweep()
    await checks.check_in(asking, new_key())
    await checks.stop(asking, new_key())


async def _pay(city: City, house: House, asking: Asking) -> None:
    who, subsidies = asking.resident_id, house.services[Subsidies]
    for state in (PaymentState.SENT, PaymentState.PAID):
        assert isinstance(await filed(house, who, state), Filed)
    await subsidies.page(asking, 1, None)
    await subsidies.page(asking, 1, Position(city.clock.now(), "sub_z"))
    now = city.clock.now()
    await in_one_write(lambda session: SubsidyLeaving().close_account(who, now, session))


async def _register_story(house: House, holder: Holder) -> None:
    """What the population register reports, acted on in two rounds: a first one and a next one."""
    follower, register = house.services[RegisterFollower], house.services[SandboxRegister]
    for change_id, kind in (("c1", ChangeKind.DEATH), ("c2", ChangeKind.DEATH_WITHDRAWN)):
        register.report(change_id, kind, id_number(sequence="966"))
        await follower.follow()
        await house.services[HolderFollower].follow()
    assert await house.services[Cards].live_card(holder.resident_id)


async def test_every_query_has_its_index(
    city: City,
    house: House,
    mongod: RunningMongod,
    settings: Settings,
    keys: Keys,
    sent: list[tuple[str, dict[str, Any]]],
) -> None:
    await _story(city, house, mongod, settings, keys)
    recorded = [(name, command) for name, command in sent if name != "explain"]
    assert told_of(recorded) == {"attestations", "cards", "residents"}

    assert {name for name, _ in recorded} <= EXPLAINED | UNEXPLAINED
    explained = [
        (name, command, await _stages(house, command))
        for name, command in recorded
        if name in EXPLAINED
    ]
    scans = [
        (name, command[name], command.get("filter"))
        for name, command, stages in explained
        if "COLLSCAN" in stages
    ]
    assert scans == []
    assert {command[name] for name, command, _ in explained} == {
        "residents",
        "person_keys",
        "cards",
        "card_functions",
        "guides",
        "eligibility_grounds",
        "enrolment_codes",
        "paper_codes",
        "kept_answers",
        "policies",
        "status_lists",
        "terminals",
        "scans",
        "service_windows",
        "scan_conflicts",
        "pass_products",
        "voucher_programmes",
        "bookings",
        "venues",
        "holder_cursors",
        "register_cursors",
        "slot_plans",
        "resident_events",
        "sessions",
        "sign_in_tries",
        "cross_region_cases",
        "alliance_regions",
        "qualified_outlets",
        "cross_region_counts",
        "mandates",
        "mandate_parties",
        "mandate_notices",
        "help_requests",
        "payout_accounts",
        "audit_rows",
        "household_members",
        "record_merges",
        "closings",
        "libraries",
        "library_titles",
        "library_copies",
        "library_patrons",
        "training_vouchers",
        "passes",
        "value_accounts",
        "exam_seats",
        "exam_registrations",
        "exam_sessions",
        "function_choices",
        "survey_slips",
        "satisfaction_counts",
        "safe_checks",
        "licence_requests",
        "subsidy_payments",
        "card_events",
        "library_loans",
    }


async def test_what_a_renewal_reads_beside_the_card_has_its_indexes(
    city: City, house: House, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    phone = await city.phone(await city.holder("955", digest=None))
    phone.held = None  # so that card and holder are looked at
    sent.clear()
    await phone.renew()

    [read] = [command for name, command in sent if name == "aggregate"]
    plain = {name: value for name, value in read.items() if name not in WITHOUT}
    told = await house.store.database.command({"explain": plain, "verbosity": "executionStats"})
    joins = [stage for stage in told["stages"] if "$lookup" in stage]
    used = [["_id_"], ["merged_into_1"], ["_id_"], ["_id_"], ["resident_id_1"]]
    assert [join["indexesUsed"] for join in joins] == used
    assert sum(int(join["collectionScans"]) for join in joins) == 0


async def test_what_a_court_costs_and_who_may_pay_it_has_its_indexes(
    house: House, clock: ManualClock, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    till = Till(house, clock)
    slots = await till.hall.open(COURT)
    await till.open()
    await till.top_up("a", 20_000)
    booked = await till.hall.booked("a", slots[2], 2)
    sent.clear()
    payments, asking = house.services[CourtPayments], person("a")
    for _ in range(2):
        assert isinstance(await payments.of_booking(asking, booked.booking_id), CourtPayment)
        await till.pay("a", booked.booking_id)

    reads = [(name, command) for name, command in sent if name in EXPLAINED]
    asked = {command[name] for name, command in reads}
    assert {"bookings", "value_entries", "value_groups", "value_accounts"} <= asked
    for _, command in reads:
        assert "COLLSCAN" not in await _stages(house, command), command


async def test_a_query_without_an_index_would_be_noticed(house: House) -> None:
    stages = await _stages(house, {"find": "residents", "filter": {"region": 1}})

    assert "COLLSCAN" in stages


async def _stages(house: House, command: Mapping[str, Any]) -> set[str]:
    """Return the stages of the plan mongod chose."""
    plain = {name: value for name, value in command.items() if name not in WITHOUT}
    # A batch of writes is explained one by one.
    parts = [{**plain, "updates": [one]} for one in plain["updates"]] if "updates" in plain else []
    stages: set[str] = set()
    for part in parts or [plain]:
        plan = await house.store.database.command({"explain": part, "verbosity": "queryPlanner"})
        stages |= _winning(plan)
    return stages


def _winning(plan: Any) -> set[str]:
    if isinstance(plan, list):
        return set().union(*map(_winning, plan)) if plan else set()
    if not isinstance(plan, dict):
        return set()
    own = {plan["stage"]} if isinstance(plan.get("stage"), str) else set()
    below = (value for name, value in plan.items() if name not in {"rejectedPlans", "command"})
    return own.union(*map(_winning, below))
