"""Who may do what: one table, asked by every service before it acts.

It stands this low because every area asks it. A screen may hide what its user may not do; only
this rule forbids it.
"""

from collections.abc import Collection
from enum import StrEnum

from backend.foundation.access import NOT_DELEGABLE, Caller, Role
from backend.foundation.refusals import Refusal, refusal

SIGN_IN_NEEDED = refusal(
    "sign_in_needed",
    ("请先登录。", "You are not signed in."),
    ("请登录后再试。", "Sign in and try again."),
)
NOT_PERMITTED = refusal(
    "not_permitted",
    ("您没有办理此事的权限。", "Your post does not include this act."),
    ("请由有权限的人员办理。", "Ask someone whose post includes it."),
)

OTHER_VENUE = refusal(
    "venue_of_others",
    ("这不是您所在的场馆。", "This is not the venue you work at."),
    ("请由该场馆的人员办理。", "Ask its own staff."),
)


class Act(StrEnum):
    """What a service may be asked to do to somebody or something."""

    ACCOUNT_MANAGE = "account.manage"  # password, sessions, devices
    RESIDENT_REGISTER = "resident.register"
    RESIDENT_READ = "resident.read"  # masked
    RESIDENT_UNMASK = "resident.unmask"
    RESIDENT_CORRECT = "resident.correct"
    RESIDENT_MERGE = "resident.merge"  # propose and decide, never both
    IDENTITY_ASSERT = "identity.assert"  # of who shows a card at the counter
    IDENTITY_ITEM_MANAGE = "identity_item.manage"  # what each matter may know
    ELIGIBILITY_RECORD = "eligibility.record"  # grounds for holding the card
    ELIGIBILITY_DECIDE = "eligibility.decide"  # reviews of who lost the last one
    CARD_READ = "card.read"
    CARD_SERVE = "card.serve"  # the ten card services at an outlet
    CROSS_REGION_SERVE = "cross_region.serve"  # for cards of other regions, at an outlet
    CROSS_REGION_READ = "cross_region.read"
    CROSS_REGION_MANAGE = "cross_region.manage"  # the alliance, and the outlets qualified for it
    CROSS_REGION_COUNT = "cross_region.count"
    CARD_SUSPEND = "card.suspend"  # 临时挂失 and 解挂
    DEVICE_ENROL = "device.enrol"  # hand out an activation code
    ECARD_POLICY_SET = "ecard_policy.set"  # what an e-card may do in each state
    ISSUANCE_RECORD = "issuance.record"  # population and targets of the issuance rate
    DATA_USE_READ = "data_use.read"
    RIGHTS_EXERCISE = "rights.exercise"
    CONSENT_SERVE = "consent.serve"  # take or withdraw one by card and PIN, at an outlet
    DECEASED_SERVE = "deceased.serve"  # close relatives of the dead, at a counter
    AUDIT_READ = "audit.read"
    ALERTS_READ = "alerts.read"
    BREACH_HANDLE = "breach.handle"  # find whom a breach affects, and tell them
    TERMINAL_INVITE = "terminal.invite"
    TERMINAL_READ = "terminal.read"  # the fleet of readers and how they are
    TERMINAL_BLOCK = "terminal.block"  # wipe, and lift a block
    LANE_CODE = "lane_code.make"  # and revoke, for the lanes of one's own venue
    WINDOW_RECORD = "window.record"  # the devices of halls' windows, and their coverage
    JOURNAL_TAKE = "journal.take"  # take in what a reader of one's own venue wrote out
    SCAN_CONFLICTS = "scan.conflicts"  # read and acknowledge, of one's own venue
    FLOW_READ = "flow.read"  # how many are inside one's own venue
    KEY_CARRIER_REGISTER = "key_carrier.register"
    KEY_CARRIER_KEEP = "key_carrier.keep"  # issue, install, hand over, report lost
    VENUE_MANAGE = "venue.manage"
    STAFF_READ = "staff.read"
    BOOKING_READ = "booking.read"
    VISIT_QUEUE_SERVE = "visit_queue.serve"  # check in at a desk, and call, at one's own venue
    NO_SHOW_PARDON = "no_show.pardon"  # at one's own venue
    PASS_ISSUE = "pass.issue"  # noqa: S105 - at a counter, and give back there
    PASS_REVOKE = "pass.revoke"  # noqa: S105
    VOUCHER_MANAGE = "voucher.manage"  # issue, settle and revoke training vouchers
    VOUCHER_CONFIRM = "voucher.confirm"  # as the provider of a course
    SUBSIDY_FILE = "subsidy.file"  # what one's own department pays, and how it went on
    STORED_VALUE_SERVE = "stored_value.serve"  # top up and spend, at one's own venue
    STORED_VALUE_CLOSE = "stored_value.close"  # end it and give every balance back
    STORED_VALUE_MANAGE = "stored_value.manage"
    RECOMMENDATIONS_CHOOSE = "recommendations.choose"  # whether they are drawn from visits
    EXAM_MANAGE = "exam.manage"  # sessions and seats, of one's own department
    EXAM_CHECK_IN = "exam.check_in"  # at the door of one's own venue
    LIBRARY_LEND = "library.lend"  # lend, take back, take fines, see who has what out, at one's own
    LIBRARY_MANAGE = "library.manage"  # members, terms, catalogue, machines
    LIBRARY_CATALOGUE = "library.catalogue"  # titles and copies of one's own library
    FUNCTION_MANAGE = "function.manage"  # the registry of card functions
    FUNCTION_CHOOSE = "function.choose"  # load one onto a card, or take it off
    CARD_TYPE_REGISTER = "card_type.register"
    GUIDE_MANAGE = "guide.manage"  # publish and review what people are told of an item
    CARD_TYPE_REVIEW = "card_type.review"  # attempts to issue cards that are merged
    DATA_CONSUMER_REGISTER = "data_consumer.register"
    SHARING_PROPOSE = "sharing.propose"
    SHARING_DECIDE = "sharing.decide"  # what each post decides stands in `sharing/rules.STEPS`
    SHARING_READ = "sharing.read"  # agreements and impact assessments
    STATISTICS_READ = "statistics.read"  # numbers that tell of nobody
    IMPACT_ASSESS = "impact.assess"
    IMPACT_ASSESSMENT_WITHDRAW = "impact.withdraw"
    STAFF_ADD = "staff.add"
    STAFF_DISABLE = "staff.disable"
    STAFF_GRANT = "staff.grant"  # give or take a role
    STAFF_UNLOCK = "staff.unlock"  # after too many wrong tries
    MANDATE_MANAGE = "mandate.manage"  # one's own, on either side 亲情代办
    LICENCE_REQUEST = "licence.request"  # of who shows a card at the desk, and see what they let it
    LICENCE_DECIDE = "licence.decide"  # about one's own: see them, and let a desk see them
    MANDATE_SERVE = "mandate.serve"  # at an outlet: confirm by card and PIN, settle disputes


OWN = "own"
"""In the table: the resident the act is about."""

ALLOWED: dict[Act, frozenset[str]] = {
    Act.ACCOUNT_MANAGE: frozenset({OWN}),
    Act.RESIDENT_REGISTER: frozenset({Role.OUTLET_CLERK}),
    Act.RESIDENT_READ: frozenset({OWN, Role.OUTLET_CLERK, Role.DEPARTMENT_OFFICER}),
    Act.RESIDENT_UNMASK: frozenset({OWN, Role.OUTLET_CLERK, Role.DEPARTMENT_OFFICER}),
    Act.RESIDENT_CORRECT: frozenset({Role.OUTLET_CLERK}),
    Act.RESIDENT_MERGE: frozenset({Role.OUTLET_CLERK, Role.DEPARTMENT_OFFICER}),
    Act.IDENTITY_ASSERT: frozenset({Role.OUTLET_CLERK, Role.DEPARTMENT_OFFICER}),
    Act.IDENTITY_ITEM_MANAGE: frozenset({Role.SYSTEM_ADMINISTRATOR}),
    Act.ELIGIBILITY_RECORD: frozenset({Role.OUTLET_CLERK, Role.DEPARTMENT_OFFICER}),
    Act.ELIGIBILITY_DECIDE: frozenset({Role.OUTLET_CLERK}),
    Act.CARD_READ: frozenset({OWN, Role.OUTLET_CLERK}),
    Act.CARD_SERVE: frozenset({Role.OUTLET_CLERK}),
    Act.CROSS_REGION_SERVE: frozenset({Role.OUTLET_CLERK}),
    Act.CROSS_REGION_READ: frozenset({OWN}),
    Act.CROSS_REGION_MANAGE: frozenset({Role.DEPARTMENT_OFFICER, Role.SYSTEM_ADMINISTRATOR}),
    Act.CROSS_REGION_COUNT: frozenset({Role.DEPARTMENT_OFFICER}),
    Act.CARD_SUSPEND: frozenset({OWN, Role.OUTLET_CLERK}),
    Act.DEVICE_ENROL: frozenset({Role.OUTLET_CLERK}),
    Act.ECARD_POLICY_SET: frozenset({Role.SYSTEM_ADMINISTRATOR}),
    Act.ISSUANCE_RECORD: frozenset({Role.DEPARTMENT_OFFICER, Role.SYSTEM_ADMINISTRATOR}),
    Act.DATA_USE_READ: frozenset({OWN}),
    Act.RIGHTS_EXERCISE: frozenset({OWN}),
    Act.CONSENT_SERVE: frozenset({Role.OUTLET_CLERK}),
    Act.DECEASED_SERVE: frozenset({Role.OUTLET_CLERK}),
    Act.AUDIT_READ: frozenset({Role.AUDITOR}),
    Act.ALERTS_READ: frozenset({Role.AUDITOR, Role.SECURITY_OFFICER}),
    Act.BREACH_HANDLE: frozenset({Role.SECURITY_OFFICER}),
    Act.TERMINAL_INVITE: frozenset({Role.SYSTEM_ADMINISTRATOR}),
    Act.TERMINAL_READ: frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_OFFICER}),
    Act.BOOKING_READ: frozenset({OWN, Role.VENUE_STAFF}),
    Act.VISIT_QUEUE_SERVE: frozenset({Role.VENUE_STAFF}),
    Act.NO_SHOW_PARDON: frozenset({Role.VENUE_STAFF}),
    Act.PASS_ISSUE: frozenset({Role.VENUE_STAFF}),
    Act.PASS_REVOKE: frozenset({Role.VENUE_STAFF}),
    Act.VOUCHER_MANAGE: frozenset({Role.DEPARTMENT_OFFICER}),
    Act.VOUCHER_CONFIRM: frozenset({Role.VENUE_STAFF}),
    Act.TERMINAL_BLOCK: frozenset({Role.SECURITY_OFFICER}),
    Act.WINDOW_RECORD: frozenset({Role.DEPARTMENT_OFFICER, Role.SYSTEM_ADMINISTRATOR}),
    Act.JOURNAL_TAKE: frozenset({Role.VENUE_STAFF, Role.SYSTEM_ADMINISTRATOR}),
    Act.SCAN_CONFLICTS: frozenset({Role.VENUE_STAFF, Role.SYSTEM_ADMINISTRATOR}),
    Act.LANE_CODE: frozenset({Role.VENUE_STAFF, Role.SYSTEM_ADMINISTRATOR}),
    Act.FLOW_READ: frozenset({Role.VENUE_STAFF, Role.SYSTEM_ADMINISTRATOR}),
    Act.KEY_CARRIER_REGISTER: frozenset({Role.SECURITY_OFFICER}),
    Act.KEY_CARRIER_KEEP: frozenset(
        {Role.SECURITY_OFFICER, Role.SYSTEM_ADMINISTRATOR, Role.VENUE_STAFF}
    ),
    Act.VENUE_MANAGE: frozenset({Role.VENUE_STAFF, Role.SYSTEM_ADMINISTRATOR}),
    Act.STAFF_READ: frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR}),
    Act.STAFF_UNLOCK: frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_OFFICER}),
    Act.SUBSIDY_FILE: frozenset({Role.DEPARTMENT_OFFICER}),
    Act.STORED_VALUE_SERVE: frozenset({Role.VENUE_STAFF}),
    Act.STORED_VALUE_CLOSE: frozenset({Role.VENUE_STAFF, Role.SYSTEM_ADMINISTRATOR}),
    Act.STORED_VALUE_MANAGE: frozenset({Role.SYSTEM_ADMINISTRATOR}),
    Act.RECOMMENDATIONS_CHOOSE: frozenset({OWN}),
    Act.EXAM_MANAGE: frozenset({Role.DEPARTMENT_OFFICER}),
    Act.EXAM_CHECK_IN: frozenset({Role.VENUE_STAFF}),
    Act.LIBRARY_LEND: frozenset({Role.VENUE_STAFF}),
    Act.LIBRARY_MANAGE: frozenset({Role.SYSTEM_ADMINISTRATOR}),
    Act.LIBRARY_CATALOGUE: frozenset({Role.VENUE_STAFF, Role.SYSTEM_ADMINISTRATOR}),
    Act.FUNCTION_MANAGE: frozenset({Role.DEPARTMENT_OFFICER, Role.SYSTEM_ADMINISTRATOR}),
    Act.FUNCTION_CHOOSE: frozenset({OWN, Role.OUTLET_CLERK}),
    Act.CARD_TYPE_REGISTER: frozenset({Role.DEPARTMENT_OFFICER, Role.SYSTEM_ADMINISTRATOR}),
    Act.GUIDE_MANAGE: frozenset({Role.DEPARTMENT_OFFICER, Role.SYSTEM_ADMINISTRATOR}),
    Act.CARD_TYPE_REVIEW: frozenset({Role.AUDITOR}),
    Act.DATA_CONSUMER_REGISTER: frozenset({Role.SYSTEM_ADMINISTRATOR}),
    Act.SHARING_PROPOSE: frozenset({Role.DEPARTMENT_OFFICER}),
    Act.SHARING_DECIDE: frozenset({Role.DEPARTMENT_OFFICER, Role.SECURITY_OFFICER}),
    Act.SHARING_READ: frozenset({Role.DEPARTMENT_OFFICER, Role.SECURITY_OFFICER, Role.AUDITOR}),
    Act.STATISTICS_READ: frozenset({Role.DEPARTMENT_OFFICER, Role.AUDITOR}),
    Act.IMPACT_ASSESS: frozenset({Role.DEPARTMENT_OFFICER}),
    Act.IMPACT_ASSESSMENT_WITHDRAW: frozenset({Role.SECURITY_OFFICER}),
    # 三员分立: one makes accounts, another gives them their posts, the third reviews both.
    Act.STAFF_ADD: frozenset({Role.SYSTEM_ADMINISTRATOR}),
    Act.MANDATE_MANAGE: frozenset({OWN}),
    Act.MANDATE_SERVE: frozenset({Role.OUTLET_CLERK}),
    Act.LICENCE_REQUEST: frozenset({Role.OUTLET_CLERK, Role.DEPARTMENT_OFFICER, Role.VENUE_STAFF}),
    Act.LICENCE_DECIDE: frozenset({OWN}),
    Act.STAFF_DISABLE: frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_OFFICER}),
    Act.STAFF_GRANT: frozenset({Role.SECURITY_OFFICER}),
}


def may(caller: Caller | None, act: Act, subject: str | None = None) -> Refusal | None:
    """Return why `caller` may not do `act`, or None where they may.

    Whoever acts for another person may do nothing by these rights: what they may do then, their
    mandate says (`mandates/acting.py`).

    Args:
        caller: who asks.
        act: what is asked.
        subject: the id of the resident it is about, where it is about one.
    """
    if caller is None:
        return SIGN_IN_NEEDED
    if caller.acting_for:
        return NOT_DELEGABLE
    allowed = ALLOWED[act]
    owns = OWN in allowed and subject is not None and caller.resident_id == subject
    return None if owns or caller.roles & allowed else NOT_PERMITTED


def may_at(caller: Caller | None, act: Act, venues: Collection[int]) -> Refusal | None:
    """Return why `caller` may not do `act` for one of `venues`, or None where they may.

    Staff of a venue work for it alone: which one, their organisation's code says (`venue-` and its
    number). Other posts that the table names are not bound to a venue.
    """
    refused = may(caller, act)
    if caller is None or refused is not None:
        return refused
    elsewhere = caller.roles & ALLOWED[act] - {Role.VENUE_STAFF}
    own = any(caller.organisation.code == f"venue-{venue}" for venue in venues)
    return None if elsewhere or own else OTHER_VENUE
