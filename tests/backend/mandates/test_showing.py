"""A delegate shows the principal's code: by a certificate that says so, as long as they may."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backend.app import House
from backend.cards.lifecycle import CardEvent
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.mandates.documents import Mandate, MandateNotice
from backend.mandates.rules import MandateState
from backend.readers.documents import Scan
from backend.readers.settling import Settling
from backend.settings import Settings
from shared.ecode.certificate import Certificate
from shared.ecode.representation import FIRST_SERIAL
from shared.ecode.verify import VerifiedCode
from tests.backend.actors import City, code_scan
from tests.backend.cards.gate import Gate, certificate_in
from tests.backend.mandates.family import GRANDMOTHER, Family, Relative


@dataclass
class Shower:
    """A delegate's phone that shows one person's code."""

    delegate: Relative
    mandate: str

    async def ask(self) -> Any:
        """Ask for the first certificate or the next; return the union's member."""
        phone = self.delegate.phone
        phone.acting_for = self.mandate
        try:
            return await self.delegate.do("TakeRepresentedCertificate")
        finally:
            phone.acting_for = ""

    async def certified(self) -> Certificate:
        answer = await self.ask()
        assert answer["__typename"] == "RepresentedCertificate", answer
        return certificate_in(answer)

    async def refused(self) -> str:
        return str((await self.ask()).get("code", "issued"))


@pytest.fixture
def gate(
    mongod: RunningMongod, settings: Settings, house: House, keys: Keys, city: City, tmp_path: Path
) -> Gate:
    return Gate(mongod, settings, house, keys, city.clock, tmp_path)


@pytest.fixture
async def grandmother(family: Family) -> Relative:
    return await family.relative(GRANDMOTHER, card=True)


@pytest.fixture
async def daughter(family: Family) -> Relative:
    return await family.relative()


def _at(gate: Gate, shower: Shower, certificate: Certificate, *, allowed: bool = True) -> str:
    said = gate.verified(shower.delegate.phone.key, certificate, allowed=allowed)
    return "admit" if isinstance(said, VerifiedCode) else said.reason.value


@pytest.mark.feature("D19")
async def test_d19_a_delegated_code_says_so_and_cannot_be_made_to_look_like_the_principals(
    family: Family, grandmother: Relative, daughter: Relative, gate: Gate
) -> None:
    shower = Shower(daughter, await family.mandate(grandmother, daughter))
    certificate = await shower.certified()
    own = await family.card_index(grandmother)
    await gate.refresh()

    assert (certificate.claims.represented, certificate.claims.card_index) == (True, own)
    assert certificate.claims.device_serial >= FIRST_SERIAL
    said = gate.verified(shower.delegate.phone.key, certificate, allowed=True)
    assert isinstance(said, VerifiedCode)
    assert said.certificate.claims.represented
    assert _at(gate, shower, certificate, allowed=False) == "representative_not_allowed"
    flags = bytearray(certificate.raw)
    flags[13] = 0  # as if the phone dropped the flag
    stripped = Certificate(
        certificate.claims, certificate.issuer_algorithm, certificate.signature, bytes(flags)
    )
    assert _at(gate, shower, stripped) == "certificate_forged"
    # The key is not the principal's: with it alone there is no card and no renewal.
    phone = family.city.stranger()
    phone.key = daughter.phone.key
    assert (await phone.renew())["code"] == "device_unknown"


@pytest.mark.feature("D7")
@pytest.mark.feature("D28")
async def test_d7_d28_whatever_ends_it_reaches_readers_with_the_next_list(
    family: Family, grandmother: Relative, daughter: Relative, gate: Gate
) -> None:
    async def after(shower: Shower, wish: str, by: Relative, **more: str) -> tuple[str, str]:
        """Return what readers and the backend say once the mandate is stopped in some way."""
        certificate = await shower.certified()
        await gate.refresh()
        assert _at(gate, shower, certificate) == "admit"
        family.city.clock.advance(seconds=10)
        await by.do(wish, mandate=shower.mandate, **more)
        await gate.refresh()
        said = _at(gate, shower, certificate), await shower.refused()
        await grandmother.do("StopMandate", mandate=shower.mandate)
        return said

    async def shower() -> Shower:
        return Shower(daughter, await family.mandate(grandmother, daughter))

    stopped = "device_unbound"
    assert await after(await shower(), "StopMandate", grandmother) == (stopped, "mandate_over")
    assert await after(await shower(), "StopMandate", daughter) == (stopped, "mandate_over")
    one_scope = await after(await shower(), "StopMandate", grandmother, scope="CARD_SHOW")
    assert one_scope == (stopped, "mandate_scope_missing")
    disputed = await after(await shower(), "DisputeMandate", grandmother)
    assert disputed == (stopped, "mandate_disputed")


@pytest.mark.feature("D26")
async def test_d26_a_stopped_card_and_a_death_stop_it_too(
    family: Family, grandmother: Relative, daughter: Relative, gate: Gate
) -> None:
    shower = Shower(daughter, await family.mandate(grandmother, daughter))
    certificate = await shower.certified()
    await family.city.served(await family.holder(grandmother), CardEvent.SUSPEND)
    await gate.refresh()
    assert _at(gate, shower, certificate) == "card_suspended"
    assert await shower.refused() == "card_suspended"
    await family.city.served(await family.holder(grandmother), CardEvent.LIFT_SUSPENSION)
    await gate.refresh()
    assert _at(gate, shower, certificate) == "admit"

    await family.died(grandmother)
    await gate.refresh()

    assert _at(gate, shower, certificate) == "device_unbound"
    assert await shower.refused() == "mandate_over"


@pytest.mark.feature("D23")
@pytest.mark.feature("D24")
async def test_d23_d24_a_showing_at_the_gate_names_both_and_is_told_once(
    family: Family, grandmother: Relative, daughter: Relative, house: House
) -> None:
    mandate = await family.mandate(grandmother, daughter)
    claims = (await Shower(daughter, mandate).certified()).claims
    terminal = await family.city.terminal()
    shown: dict[str, Any] = code_scan(
        family.city.clock.now(), claims.card_index, device_serial=claims.device_serial
    )
    own = code_scan(family.city.clock.now(), claims.card_index, counter=9)

    await terminal.upload(shown, own)
    await terminal.upload(shown, own)
    await Scan.find({"_id": shown["scan_id"]}).set({"due": True})  # died before it was noted
    await house.services[Settling].settle([shown["scan_id"]])

    scan, plain = await Scan.get(shown["scan_id"]), await Scan.get(own["scan_id"])
    assert scan is not None
    assert plain is not None
    people = (grandmother.resident_id, daughter.resident_id, mandate)
    assert (scan.visitor, scan.shown_by, scan.mandate) == people
    assert (plain.visitor, plain.shown_by, plain.mandate) == (people[0], None, None)
    notices = await MandateNotice.find({"code": "mandates.shown"}).to_list()
    assert [one.person for one in notices] == [grandmother.resident_id]
    [shown_to_her] = [
        one["words"]["zh"]
        for one in (await grandmother.see("MandateNotices"))["nodes"]
        if one["code"] == "mandates.shown"
    ]
    assert shown_to_her.startswith("代办人钟*明为您在")
    acts = (await grandmother.see("MandateActs", mandate=mandate))["nodes"]
    assert [one["byDelegate"] for one in acts if one["action"] == "mandates.shown"] == [True]
    used = (await grandmother.phone.ask("DataUse"))["dataUse"]["nodes"]
    mine = {one["id"]: one["mandate"] for one in used}
    assert (mine[scan.id], mine[plain.id]) == (mandate, None)
    assert sum(one["mandate"] == mandate for one in used) == 2  # and the phone that was set up
    stored = await Mandate.get(mandate)
    assert stored is not None
    assert (stored.uses, stored.state) == (2, MandateState.ACTIVE)
