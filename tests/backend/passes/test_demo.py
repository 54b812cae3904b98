"""The demonstration city's passes can be had: quoted by its rules, good at its gates."""

from datetime import timedelta

from backend.demo_city import seed
from backend.passes.products import Quoted
from backend.passes.rules import PassWish
from backend.passes.views import PassView
from backend.venues.ganzhou import CAVES, MOUNTAIN
from tests.backend.passes.desk import Desk


async def test_the_city_gives_out_passes_by_its_rules(desk: Desk) -> None:
    young, old, *_ = await seed(desk.house.services, desk.clock.now())
    desk.people.update(a=young.resident_id, b=old.resident_id)
    assert [one.code for one in await desk.products.given_out(MOUNTAIN)] == ["gannan-year"]
    assert len(await desk.products.given_out(CAVES)) == 2
    person = await desk.person("a")
    quoted = await desk.products.quote(person.resident_id, PassWish("gannan-year"))
    assert isinstance(quoted, Quoted)
    assert [(line.rule, line.fen) for line in quoted.quote.lines] == [
        ("gannan-year", 19_900),
        ("local", -3_980),
    ]
    free = await desk.take("b", "gannan-year")
    assert isinstance(free, PassView), (free, old)
    day = desk.today + timedelta(days=1)
    assert isinstance(await desk.take("b", "caves-day", day=day), PassView)
