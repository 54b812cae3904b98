"""What a test of sharing needs: officers, a consumer's system, an agreement in force."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx

from backend.foundation.access import Caller, Role
from backend.foundation.audit import Organisation
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from backend.sharing.agreements import Agreements
from backend.sharing.assessment_rules import Assessed, Assessment, Processing
from backend.sharing.assessments import ImpactAssessments
from backend.sharing.consumers import Consumer, Consumers
from backend.sharing.endpoints import PATH
from backend.sharing.rules import (
    ITEMS,
    AgreedField,
    Agreement,
    Decision,
    LegalBasis,
    SharedField,
    Terms,
)
from backend.sharing.transfer_rules import Transfer, TransferGround
from shared.localized_text import LocalizedText
from tests.backend.accounts.actors import People
from tests.backend.actors import City, Signer, id_number, new_key

BUREAU = Organisation("360700_rs", LocalizedText("赣州市人社局", "Ganzhou HR Bureau"))
PURPOSE = LocalizedText("核定公积金提取资格", "deciding on a housing fund withdrawal")
BASIS = LocalizedText("《住房公积金管理条例》第二十四条", "Housing Fund Regulation, article 24")
NUMBER = id_number(sequence="911")
FIELDS = (
    AgreedField(SharedField.NAME),
    AgreedField(SharedField.NUMBER, masked=True),
    AgreedField(SharedField.AGE_BAND),
)
SAID = ("detail", "next_step")
TELLS = {"name": "钟小明", "number": "3699**********9113", "age_band": "adult"}

EXPORT: dict[str, Any] = {
    "consumer": "health_commission",
    "consent_purpose": "health_records",  # which the house's texts have, to that very recipient
    "transfer": Transfer(
        TransferGround.STANDARD_CONTRACT,
        "粤港澳标准合同备〔2026〕0131号",
        LocalizedText("香港中环，privacy@fund.example", "Central, Hong Kong; privacy@fund.example"),
    ),
}
"""Terms of a transfer to Hong Kong."""


def officer(staff_id: str, *roles: Role, place: Organisation = BUREAU) -> Caller:
    return Caller(staff_id=staff_id, roles=frozenset(roles), organisation=place)


ADMINISTRATOR = officer("stf_admin", Role.SYSTEM_ADMINISTRATOR)


def consumer_of(city: City) -> Signer:
    """A consumer's system with a key of its own."""
    return Signer(city.client, city.clock)


@dataclass
class SharingDesk:
    """The officers and one system that asks."""

    people: People
    bureau: Caller
    guard: Caller
    consumer: Signer

    @property
    def services(self) -> Services:
        return self.people.city.house.services

    async def register(self, system: Signer, code: str, key: str | None = None) -> Any:
        name = LocalizedText("赣州市住房公积金中心", "Ganzhou Housing Fund")
        pem = key or system.key.public.to_pem()
        return await self.services[Consumers].register(
            ADMINISTRATOR, new_key(), Consumer(code, name), pem
        )

    async def move_abroad(self, code: str = "housing_fund") -> None:
        """Register the consumer's system anew, as one in Hong Kong."""
        name = LocalizedText("香港公积金机构", "A fund in Hong Kong")
        pem = self.consumer.key.public.to_pem()
        abroad = Consumer(code, name, abroad=True)
        done = await self.services[Consumers].register(ADMINISTRATOR, new_key(), abroad, pem)
        assert isinstance(done, Consumer), done

    def assessed(self, **changed: Any) -> Assessed:
        now = self.people.city.clock.now()
        plain = Assessed(
            title="向公积金中心提供数据",
            kinds=frozenset({Processing.SHARING, Processing.SENSITIVE}),
            items=frozenset(ITEMS.values()),
            necessity="提取资格须核对本人身份。",
            impact="证件号码只提供隐去部分的形式。",
            measures="按协议逐次签名、限次、留痕。",
            starts_at=now - timedelta(days=1),
            ends_at=now + timedelta(days=400),
        )
        return replace(plain, **changed)

    async def assess(self, **changed: Any) -> str:
        """Record an impact assessment and return its id."""
        done = await self.services[ImpactAssessments].record(
            self.bureau, new_key(), self.assessed(**changed)
        )
        assert isinstance(done, Assessment), done
        return done.assessment_id

    async def terms(self, **changed: Any) -> Terms:
        now = self.people.city.clock.now()
        plain = Terms(
            consumer="housing_fund",
            fields=FIELDS,
            purpose="withdrawal",
            purpose_words=PURPOSE,
            basis=LegalBasis.STATUTORY_DUTY,
            basis_words=BASIS,
            starts_at=now,
            ends_at=now + timedelta(days=365),
            per_day=100,
            per_minute=20,
            assessment=changed.get("assessment") or await self.assess(),
        )
        return replace(plain, **changed)

    async def propose(self, agreement: str | None = None, **changed: Any) -> Agreement | Refusal:
        terms = await self.terms(**changed)
        return await self.services[Agreements].propose(self.bureau, new_key(), terms, agreement)

    async def proposed(self, agreement: str | None = None, **changed: Any) -> Agreement:
        done = await self.propose(agreement, **changed)
        assert isinstance(done, Agreement), done
        return done

    async def decide(
        self, version: Agreement, decision: Decision, by: Caller | None = None
    ) -> Agreement | Refusal:
        return await self.services[Agreements].decide(
            by or self.guard, new_key(), version.version_id, decision, "按程序办理"
        )

    async def decided(self, version: Agreement, *decisions: Decision) -> Agreement:
        for decision in decisions:
            done = await self.decide(version, decision)
            assert isinstance(done, Agreement), done
            version = done
        return version

    async def in_force(self, **changed: Any) -> Agreement:
        return await self.decided(await self.proposed(**changed), Decision.APPROVE)

    async def call(
        self, called: Agreement | str, by: Signer | None = None, **changed: Any
    ) -> httpx.Response:
        """Ask for somebody's data as a consumer's system does."""
        name = called if isinstance(called, str) else called.agreement
        body = {
            "idempotency_key": new_key(),
            "agreement": name,
            "purpose": "withdrawal",
            "number": NUMBER,
            **changed,
        }
        return await (by or self.consumer).send("POST", PATH, json.dumps(body).encode())

    async def refused(
        self, called: Agreement | str, by: Signer | None = None, **changed: Any
    ) -> str:
        """Return a refusal's code, after looking that it says what to do and tells nothing else."""
        answer = await self.call(called, by, **changed)
        content = answer.json()
        assert answer.status_code >= 400, content
        assert all(content[part][tongue] for part in SAID for tongue in ("zh", "en"))
        assert "values" not in content
        return str(content["code"])

    async def rows(self, **wanted: Any) -> list[Any]:
        """Return rows of the log."""
        found = self.people.city.house.store.database["audit_rows"].find(wanted)
        return await found.sort("$natural").to_list()  # they may be of one instant
