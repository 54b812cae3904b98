"""Every text that only staff may send, filled with what texts should not be, sent by their post."""

import json
import logging

import pytest

from backend.foundation.access import Role
from backend.foundation.logs import EventFormatter
from tests.backend.accounts.actors import OUTLET, People
from tests.backend.faults.answers import judged
from tests.backend.faults.schema_walk import Known, Operation, operations, put
from tests.backend.faults.test_every_text import HOSTILE, MARK, texts
from tests.backend.library.reading_room import HERE, ReadingRoom
from tests.backend.test_reach import PHONE, REACH, RESIDENT

pytestmark = pytest.mark.soak


def _sender(operation: Operation) -> Role | None:
    """Return by whose post a field is attacked; the auditor's, where all staff are heard."""
    those = REACH[operation.name]
    if those & {PHONE, RESIDENT}:
        return None  # sent by a resident's phone: `test_every_text.py`
    return Role.AUDITOR if Role.AUDITOR in those else next((r for r in Role if r in those), None)


OF_ROLE = {
    role: [one for one in operations() if _sender(one) is role and any(one.texts())]
    for role in Role
}


def test_each_text_of_staff_is_sent_by_somebody() -> None:
    sent = {one.name for walked in OF_ROLE.values() for one in walked}

    assert {"lendLibraryCopy", "grantMandate", "addStaff", "confirmTotp", "alerts"} <= sent
    unsent = [one.name for one in operations() if any(one.texts()) and one.name not in sent]
    assert all(REACH[name] & {PHONE, RESIDENT} for name in unsent)


@pytest.mark.parametrize("role", [role for role, walked in OF_ROLE.items() if walked])
async def test_no_text_of_staff_breaks_an_answer_or_a_log(
    people: People, known: Known, caplog: pytest.LogCaptureFixture, role: Role
) -> None:
    caplog.set_level(logging.DEBUG, "yikatong")
    await ReadingRoom(people.city.house, people.city.clock).furnish()
    works_at = HERE if role is Role.VENUE_STAFF else OUTLET
    staff = await people.staff("li.staff", role, place=works_at)
    await staff.sign_in()

    for operation in OF_ROLE[role]:
        for place in operation.texts():
            for kind in texts(operation, place):
                variables = put(operation.variables(known), place, HOSTILE[kind])
                content = judged(await staff.device.post(operation.document, variables))
                assert MARK not in json.dumps(content), (operation.name, place, kind)

    log = "\n".join(EventFormatter().format(record) for record in caplog.records)
    assert '"level": "error"' not in log, log
    assert MARK not in log
