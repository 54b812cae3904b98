"""The evidence for a compliance audit (L15): whole, of its time, and about nobody."""

import argparse
import json
from datetime import timedelta
from typing import Any

import pytest

from backend.foundation.audit import holds_personal_number
from backend.sharing.commands import add_evidence_options, evidence
from backend.sharing.rules import Decision
from shared.clock import LOCAL_ZONE
from tests.backend.accounts.actors import People
from tests.backend.sharing.desk import NUMBER, TELLS, SharingDesk


async def _taken(desk: SharingDesk, days: tuple[int, int]) -> Any:
    today = desk.people.city.clock.now().astimezone(LOCAL_ZONE).date()
    first, last = (str(today + timedelta(days=one)) for one in days)
    parser = argparse.ArgumentParser()
    add_evidence_options(parser)
    options = parser.parse_args(["--from", first, "--to", last])
    return json.loads(await evidence(desk.services, options))


@pytest.mark.feature("L15")
async def test_it_tells_what_was_stored_permitted_assessed_agreed_and_done(
    desk: SharingDesk, people: People
) -> None:
    resident_id = await people.register(NUMBER)
    agreement = await desk.in_force()
    assert (await desk.call(agreement)).json()["values"] == TELLS
    assert await desk.refused(agreement, purpose="marketing") == "purpose_not_agreed"

    told = await _taken(desk, (0, 1))

    fields = {one["item"]: one for one in told["stored_fields"]}
    assert fields["residents.number_sealed"]["grade"] == 4
    assert all(one["purpose"] and one["kept"] for one in fields.values())
    assert told["permissions"]["audit.read"] == ["auditor"]
    assert {one["code"] for one in told["notices"]} == {"platform", "ecard"}
    [shared] = told["sharing_agreements"]
    assert (shared["state"], shared["terms"]["consumer"]) == ("approved", "housing_fund")
    [assessed] = told["impact_assessments"]
    assert assessed["assessment_id"] == shared["terms"]["assessment"]
    assert {one["use"] for one in told["sealing_keys"]} == {"sealing", "index"}
    acts = {(one["action"], one["result"]): one["times"] for one in told["audit_log"]["acts"]}
    assert acts["sharing.answered", "ok"] == 1
    assert acts["sharing.answered", "refused:purpose_not_agreed"] == 1
    # Taking it out is an act itself, and stands in what is taken out.
    assert acts["audit.evidence_taken", "ok"] == 1
    text = json.dumps(told, ensure_ascii=False)
    assert resident_id not in text
    assert not holds_personal_number(text)
    assert all(value not in text for value in ("钟小明", NUMBER, '"wrapped":'))


async def test_of_another_time_no_act_is_counted_and_every_version_is_told(
    desk: SharingDesk,
) -> None:
    first = await desk.in_force()
    await desk.decided(await desk.proposed(first.agreement), Decision.APPROVE)

    told = await _taken(desk, (-30, 0))

    assert told["audit_log"]["acts"] == []
    assert told["audit_log"]["alerts"] == {"own_household": 0}
    states = [one["state"] for one in told["sharing_agreements"]]
    assert sorted(states) == ["approved", "superseded"]
