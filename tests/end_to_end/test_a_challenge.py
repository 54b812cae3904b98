"""The challenge 挑战码 from the venue's rule to the visit: backend, app and lane together."""

from dataclasses import replace
from pathlib import Path

from litestar import Litestar

from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.settings import Settings
from backend.venues.service import Venues
from shared.ecode.challenge import challenge_bytes
from shared.ecode.reasons import Reason
from tests.backend.actors import City
from tests.backend.app_services import services_in
from tests.backend.lane import venue_lane


async def test_the_app_answers_what_the_venues_page_shows_and_nothing_else_is_let_in(
    city: City, app: Litestar, settings: Settings, keys: Keys, mongod: RunningMongod, tmp_path: Path
) -> None:
    await city.venue(1)
    venues = city.house.services[Venues]
    facts = await venues.facts(1)
    assert facts is not None
    await venues.put(replace(facts, rules=replace(facts.rules, challenge=True)))
    phone = services_in(city, tmp_path / "phone")
    holder = await city.holder("901", digest=None)
    assert await phone.enrolment.submit(await city.code(holder)) is None
    folder = tmp_path / "gate"
    folder.mkdir()
    async with venue_lane(city, app, settings, keys, mongod.uri, folder) as gate:
        assert await gate.refresh()
        gate.lane.let_go_of_party()
        [lane] = gate.page().everything()["lanes"]

        def shows(challenge: bytes | None) -> Reason | None:
            city.clock.advance(5)
            code = phone.session.code_at(city.clock.now(), challenge)
            assert code is not None
            return gate.lane.present_code(code.digits).answer.reason

        digits = str(lane["challenge"])
        other = f"{(int(digits) + 1) % 1_000_000:06}"
        assert shows(None) is Reason.WRONG_CHALLENGE
        assert shows(challenge_bytes(other)) is Reason.WRONG_CHALLENGE
        assert gate.gate.openings == []
        assert shows(challenge_bytes(digits)) is None
        assert len(gate.gate.openings) == 1
        [lane] = gate.page().everything()["lanes"]
        assert lane["challenge"] != digits

        assert await gate.refresh()
        assert gate.journal.count_unsent() == 0
