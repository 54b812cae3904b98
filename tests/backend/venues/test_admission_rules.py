"""Rules of every kind on their way from the store to a reader."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.app import House
from backend.demo_city import VENUES
from backend.foundation.keys import LIST_KEY_ID, Keys
from backend.settings import GANZHOU
from backend.venues.service import Venues
from shared.admission.rules import decide
from shared.clock import ManualClock
from shared.trust.trust_list import KeyUse, TrustedKey, TrustList
from shared.wire.manifest import read_manifest
from tests.vectors.admission import cases, expected, observed


@pytest.mark.feature("S50", "S52", "S127", "S128", "S129", "S130", "S132", "S135", "S47")
async def test_a_reader_decides_each_vector_by_the_rules_the_backend_stored(
    house: House, keys: Keys, clock: ManualClock
) -> None:
    """Stored, loaded, signed, read and asked: the fixture matrix comes out as written by hand."""
    venues, now = house.services[Venues], clock.now()
    day = timedelta(days=1)
    lister = TrustedKey(GANZHOU, LIST_KEY_ID, KeyUse.LIST, keys.lists.public, now - day, now + day)
    trust = TrustList((lister,), now, now + day)
    read = {}
    for case in cases():
        if id(case.rules) not in read:
            await venues.put(replace(VENUES[0], rules=case.rules))
            stored = await venues.facts(VENUES[0].number)
            assert stored is not None
            text = venues.manifest(stored, now)
            read[id(case.rules)] = read_manifest(text, trust, GANZHOU, LIST_KEY_ID, now).rules

        decision = decide(case.evidence, case.around, read[id(case.rules)])

        assert observed(decision, case.expect) == expected(case.expect), case.name
