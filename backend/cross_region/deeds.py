"""What is recorded of cases across regions, in the person's words; both regions stand in each."""

from datetime import datetime

from backend.cards.lifecycle import SERVICES
from backend.cross_region.documents import Row
from backend.cross_region.rules import CaseState, name_of
from backend.foundation.access import Caller
from backend.foundation.audit import OK, Actor, ActorKind, Deed, Organisation, System, refused
from backend.foundation.refusals import Refusal
from shared.localized_text import LocalizedText

_SETTLED = {
    CaseState.ACCEPTED: ("已受理", "was taken up"),
    CaseState.DONE: ("已办结", "was done"),
    CaseState.REFUSED: ("不予办理", "was refused"),
    CaseState.UNANSWERED: ("逾期未答复", "was not answered in time"),
}
TRIED = LocalizedText("申请跨地区办理社保卡业务", "Asked for a card service across regions")
MANAGED = LocalizedText("登记跨地区通办范围", "Set who takes part in services across regions")


def opened(by: Caller, row: Row, at: datetime) -> Deed:
    """Return the deed of a clerk who opened a case: what is told to whom."""
    item, issuer = SERVICES[row["item"]].name, row["origin_region"]
    words = LocalizedText(
        f"跨地区业务：{item.zh}；向发卡地{name_of(issuer)}提供您的姓名和证件号码",
        f"Across regions: {item.en}; your name and ID number go to the issuing region {issuer}",
    )
    return Deed(
        at=at,
        actor=by.actor,
        action="cross_region.opened",
        words=words,
        system=System.COUNTER,
        subject=row["resident_id"],
        organisation=by.organisation,
        origin=_between(row),
    )


def settled(row: Row, to: CaseState, at: datetime) -> Deed:
    """Return the deed of the issuing region, which answered or did not."""
    zh, en = _SETTLED[to]
    item, issuer = SERVICES[row["item"]].name, row["origin_region"]
    words = LocalizedText(
        f"跨地区业务：{item.zh}，发卡地{name_of(issuer)}{zh}",
        f"Across regions: {item.en} {en} by the issuing region {issuer}",
    )
    return _of_region(row, issuer, f"cross_region.{to.lower()}", words, at)


def disputed(row: Row, at: datetime) -> Deed:
    """Return the deed of a region that said the contrary of what it said before."""
    item, issuer = SERVICES[row["item"]].name, row["origin_region"]
    words = LocalizedText(
        f"跨地区业务：{item.zh}，发卡地{name_of(issuer)}前后答复不一致，以先到的为准",
        f"Across regions: {item.en}; the issuing region {issuer} contradicted its first answer, "
        "which counts",
    )
    return _of_region(row, issuer, "cross_region.disputed", words, at)


def received(row: Row, at: datetime) -> Deed:
    """Return the deed of another region's outlet that asked for a service to a card of ours."""
    item, asking = SERVICES[row["item"]].name, row["handling_region"]
    words = LocalizedText(
        f"跨地区业务：{name_of(asking)}代您申请{item.zh}",
        f"Across regions: an outlet of {asking} asked for {item.en} in your place",
    )
    return _of_region(row, asking, "cross_region.received", words, at)


def performed(row: Row, to: CaseState, at: datetime, why: Refusal | None) -> Deed:
    """Return the deed of telling the other region what came of its case."""
    zh, en = _SETTLED[to]
    item, asking = SERVICES[row["item"]].name, row["handling_region"]
    words = LocalizedText(
        f"跨地区业务：{item.zh}{zh}，结果告知{name_of(asking)}",
        f"Across regions: {item.en} {en}; {asking} was told",
    )
    result = OK if why is None else refused(why)
    return _of_region(row, asking, f"cross_region.{to.lower()}", words, at, result)


def of_staff(
    by: Caller,
    words: LocalizedText,
    subject: str | None,
    at: datetime,
    why: Refusal | None,
    action: str,
) -> Deed:
    """Return the deed of staff, done or refused."""
    return Deed(
        at=at,
        actor=by.actor,
        action=action,
        words=words,
        system=System.COUNTER if by.staff_id else System.APP if by.resident_id else System.BATCH,
        subject=subject,
        organisation=by.organisation,
        result=OK if why is None else refused(why),
    )


def read(by: Caller, resident_id: str, at: datetime) -> Deed:
    """Return the deed of staff who looked at somebody's case."""
    words = LocalizedText("查看了您的跨地区业务", "Looked at your case across regions")
    return of_staff(by, words, resident_id, at, None, "cross_region.read")


def _of_region(
    row: Row, region: int, action: str, words: LocalizedText, at: datetime, result: str = OK
) -> Deed:
    name = LocalizedText(name_of(region), f"Region {region}")
    return Deed(
        at=at,
        actor=Actor(ActorKind.SYSTEM, f"region_{region}"),
        action=action,
        words=words,
        system=System.BATCH,
        subject=row.get("resident_id"),
        organisation=Organisation(str(region), name),
        result=result,
        origin=_between(row),
    )


def _between(row: Row) -> str:
    return f"{row['handling_region']}/{row['handling_outlet']} > {row['origin_region']}"
