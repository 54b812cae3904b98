import pytest

from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.permissions import (
    ALLOWED,
    NOT_PERMITTED,
    OWN,
    SIGN_IN_NEEDED,
    Act,
    may,
)

RESIDENT = Caller(resident_id="res_one")
OFFICERS = [Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR]


def _staff(*roles: Role) -> Caller:
    return Caller(staff_id="stf_one", roles=frozenset(roles))


def test_every_act_has_its_line() -> None:
    assert set(ALLOWED) == set(Act)
    assert all(ALLOWED.values())


@pytest.mark.parametrize("act", Act)
def test_nobody_may_do_nothing(act: Act) -> None:
    assert may(None, act, "res_one") is SIGN_IN_NEEDED


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_its_line_says_and_no_more(act: Act, role: Role) -> None:
    assert (may(_staff(role), act, "res_one") is None) == (role in ALLOWED[act])


@pytest.mark.parametrize("act", Act)
def test_a_resident_may_act_on_themselves_only(act: Act) -> None:
    assert (may(RESIDENT, act, "res_one") is None) == (OWN in ALLOWED[act])
    assert may(RESIDENT, act, "res_two") is NOT_PERMITTED
    assert may(RESIDENT, act, None) is NOT_PERMITTED
    assert may(RESIDENT, act, "") is NOT_PERMITTED


@pytest.mark.parametrize("act", Act)
def test_staff_without_a_role_may_nothing(act: Act) -> None:
    assert may(_staff(), act, "stf_one") is NOT_PERMITTED


def test_nobody_without_an_id_owns_what_belongs_to_nobody() -> None:
    assert may(_staff(), Act.ACCOUNT_MANAGE, None) is NOT_PERMITTED


@pytest.mark.feature("L17", "L18")
def test_the_three_officers_share_no_right_to_change_rights() -> None:
    """三员分立 (L17): who makes accounts gives no roles, and who reviews only reads."""
    rights = {
        role: {act for act in Act if act.value.startswith("staff.") and role in ALLOWED[act]}
        for role in OFFICERS
    }
    assert Act.STAFF_GRANT not in rights[Role.SYSTEM_ADMINISTRATOR]
    assert Act.STAFF_ADD not in rights[Role.SECURITY_OFFICER]
    assert rights[Role.AUDITOR] == {Act.STAFF_READ}


def test_the_operator_makes_staff_and_reads_nobodys_data() -> None:
    assert may(OPERATOR, Act.STAFF_ADD) is None
    assert may(OPERATOR, Act.STAFF_GRANT) is None
    for act in (Act.RESIDENT_READ, Act.RESIDENT_UNMASK, Act.DATA_USE_READ, Act.AUDIT_READ):
        assert may(OPERATOR, act, "res_one") is NOT_PERMITTED
