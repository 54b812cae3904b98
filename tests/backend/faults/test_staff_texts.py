"""Every text that only staff may send, filled with what texts should not be, sent by their post."""

import json
import logging

import pytest

from backend.foundation.access import Role
from backend.foundation.logs import EventFormatter
from tests.backend.accounts.actors import People
from tests.backend.faults.answers import judged
from tests.backend.faults.schema_walk import Known, operations, put
from tests.backend.faults.test_every_text import HOSTILE, MARK

OF_ROLE = {
    Role.OUTLET_CLERK: {
        "registerResident",
        "findResidents",
        "revealResident",
        "noteHousehold",
        "recordGround",
        "endGround",
        "eligibilityReviews",
        "decideEligibilityReview",
        "counterCard",
        "serveAtCounter",
        "recordAttestation",
        "assertIdentity",
        "correctionCases",
        "correctionValues",
        "decideCorrection",
        "identityItems",
        "openCrossRegionCase",
        "recordMerges",
        "proposeMerge",
        "proposeUnmerge",
        "decideMerge",
        "outletCrossRegionCases",
        "crossRegionCase",
    },
    Role.SYSTEM_ADMINISTRATOR: {
        "addStaff",
        "disableStaff",
        "enableStaff",
        "unlockStaff",
        "staff",
        "recordAllianceRegion",
        "qualifyOutlet",
        "registerDataConsumer",
    },
    Role.DEPARTMENT_OFFICER: {"proposeSharingAgreement", "recordImpactAssessment"},
    Role.SECURITY_OFFICER: {
        "decideSharingAgreement",
        "withdrawImpactAssessment",
        "grantRole",
        "revokeRole",
        "alerts",
        "acknowledgeAlert",
        "keyCarriers",
        "registerKeyCarrier",
        "moveKeyCarrier",
        "offerKeyCarrier",
        "acceptKeyCarrier",
        "liftTerminalBlock",
    },
    Role.AUDITOR: {
        "sharingAgreements",
        "impactAssessments",
        "auditRows",
        "auditChain",
        "beginTotpSetup",
        "confirmTotp",
    },
}


@pytest.mark.parametrize("role", OF_ROLE)
async def test_no_text_of_staff_breaks_an_answer_or_a_log(
    people: People, known: Known, caplog: pytest.LogCaptureFixture, role: Role
) -> None:
    caplog.set_level(logging.DEBUG, "yikatong")
    staff = await people.staff("li.staff", role)
    await staff.sign_in()
    walked = [one for one in operations() if one.name in OF_ROLE[role]]
    assert {one.name for one in walked} == OF_ROLE[role]

    for operation in walked:
        for place in operation.texts():
            for kind, text in HOSTILE.items():
                variables = put(operation.variables(known), place, text)
                content = judged(await staff.device.post(operation.document, variables))
                assert MARK not in json.dumps(content), (operation.name, place, kind)

    log = "\n".join(EventFormatter().format(record) for record in caplog.records)
    assert '"level": "error"' not in log, log
    assert MARK not in log
