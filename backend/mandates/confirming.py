"""A mandate comes into force: judged with all that is known of both people, in one transaction."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from backend.figures import MandateFigures
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.mandates import deeds
from backend.mandates import refusals as no
from backend.mandates.documents import Mandate, MandateParty
from backend.mandates.ending import money_is_frozen
from backend.mandates.granting import (
    Bindings,
    Parties,
    Terms,
    grant,
    refusal_of_quota,
    refusal_to_grant,
)
from backend.mandates.notices import tell
from backend.mandates.rules import MandateState
from backend.mandates.scopes import COOLED, SCOPE_WORDS, Channel, Evidence, Relation, Scope
from backend.mandates.stored import Row, granted, touch
from backend.mandates.texts import VERSION, hash_of
from backend.residents.service import NO_BIRTH, Person, Residents
from shared.localized_text import LocalizedText

_MONTH = timedelta(days=30)
_CONSENTED = LocalizedText(
    "孩子已同意，父母可继续代办", "The child consented: the parent goes on acting for them"
)
_GROWN = date(1970, 1, 1)
"""In place of the birth of a doorstep agent, who is staff and of age."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How a mandate is confirmed: through what, shown by what, checked by whom."""

    by: Caller
    channel: Channel
    evidence: Evidence
    checker: str
    now: datetime


def terms_in(row: Row) -> Terms:
    """Return the terms of a stored mandate."""
    scopes = tuple(Scope(one) for one in row["wished"])
    return Terms(Relation(row["relation"]), scopes, row.get("days"))


def worded(terms: Terms) -> dict[str, Any]:
    """Return the fields of a mandate that say what it is to allow, with its text's hash."""
    fields = {
        "relation": terms.relation.value,
        "wished": [one.value for one in terms.scopes],
        "days": terms.days,
        "text_version": VERSION,
        "text_hash": hash_of(terms.scopes, terms.days),
        "scopes": [],
        "limits": {"per_act": 0, "per_day": 0, "per_month": 0},
        "daily_views": False,
        "disputed": False,
        "money_frozen": False,
        "uses": 0,
    }
    return {name: value for name, value in fields.items() if value is not None}


async def confirm(
    row: Row, how: Confirmation, residents: Residents, figures: MandateFigures, session: Session
) -> Refusal | None:
    """Put a mandate whose two people are known into force, with audit rows and notices."""
    principal, delegate, terms = row["principal"], row["delegate"], terms_in(row)
    parties = await touch([principal, delegate], session)
    person = await residents.person(principal, session)
    agent = terms.relation is Relation.ASSISTED
    other = person if agent else await residents.person(delegate, session)
    judged = _parties(principal, delegate, person, other, parties, agent=agent)
    refused = refusal_to_grant(
        terms, judged, how.channel, how.evidence, figures, how.now
    ) or refusal_of_quota(
        terms.relation, await _bindings(principal, delegate, how.now, session), figures
    )
    if refused is not None:
        return refused
    made = grant(terms, person.birth, how.channel, figures, how.now)
    shown = {
        "evidence": how.evidence.value,
        "checker": how.checker,
        "channel": how.channel.value,
        "money_frozen": await money_is_frozen(principal, session),
    }
    done = await Mandate.get_pymongo_collection().update_one(
        {"_id": row["_id"], "state": MandateState.TAKEN.value},
        {"$set": granted(made, how.now) | shown},
        session=session,
    )
    if done.matched_count == 0:
        return no.MANDATE_UNKNOWN
    if terms.relation is Relation.WARD:
        await MandateParty.get_pymongo_collection().update_one(
            {"_id": principal}, {"$set": {"under_guardianship": True}}, session=session
        )
    deed = deeds.of_caller(how.by, "mandates.confirmed", principal, how.now, mandate=row["_id"])
    await audit.record(deed, session)
    await _tell(row, terms, how.now, session)
    return None


async def consent(row: Row, by: Caller, now: datetime, session: Session) -> None:
    """Let a parent's mandate go on because the child, 14 by now, consents (D13)."""
    due = row.get("consent_from")
    if due is None or now < due:
        return
    await Mandate.get_pymongo_collection().update_one(
        {"_id": row["_id"]}, {"$unset": {"consent_from": ""}}, session=session
    )
    about = deeds.of_caller(by, "mandates.consented", row["principal"], now, mandate=row["_id"])
    row_id = await audit.record(about, session)
    told = (row["_id"], about.action, _CONSENTED, now, session)
    await tell(row_id, [row["principal"], row["delegate"]], *told)


async def _tell(row: Row, terms: Terms, now: datetime, session: Session) -> None:
    """Tell both sides, and where money or health is in it every other delegate too (D6)."""
    zh = "、".join(SCOPE_WORDS[one].zh for one in terms.scopes)
    en = "; ".join(SCOPE_WORDS[one].en for one in terms.scopes)
    words = LocalizedText(f"代办授权已生效：{zh}", f"A mandate is in force: {en}")
    mandate, principal, delegate = row["_id"], row["principal"], row["delegate"]
    people = [principal] if terms.relation is Relation.ASSISTED else [principal, delegate]
    await tell(f"{mandate}.confirmed", people, mandate, "mandates.confirmed", words, now, session)
    if COOLED.isdisjoint(terms.scopes):
        return
    others = Mandate.get_pymongo_collection().find(
        {"principal": principal, "state": MandateState.ACTIVE.value, "_id": {"$ne": mandate}},
        {"delegate": 1},
        session=session,
    )
    # Nothing of who the new delegate is: delegates do not learn of one another (D25).
    warning = LocalizedText(
        "您代办的人新增了一项敏感授权，24小时后生效；如有疑问请与其本人核实",
        "Somebody you act for allowed something sensitive, from 24 hours on; ask them if in doubt",
    )
    for one in await others.to_list():
        notice = f"{mandate}.sensitive.{one['_id']}"
        told = (one["_id"], "mandates.sensitive", warning, now, session)
        await tell(notice, [one["delegate"]], *told)


def _claimed_falsely_at(known: Row) -> datetime | None:
    claims = known.get("false_claims")
    return claims[-1]["found_at"] if claims else None


def _parties(
    principal: str,
    delegate: str,
    person: Person,
    other: Person,
    touched: Mapping[str, Row],
    *,
    agent: bool,
) -> Parties:
    known = touched[principal]
    births = (person.birth, _GROWN if agent else other.birth)
    return Parties(
        same=principal == delegate,
        principal_birth=births[0],
        delegate_birth=births[1],
        both_present=person.present and other.present and NO_BIRTH not in births,
        under_guardianship=known.get("under_guardianship", False),
        excluded=delegate in known.get("excluded", ()),
        claimed_falsely_at=_claimed_falsely_at(touched[delegate]),
    )


async def _bindings(principal: str, delegate: str, now: datetime, session: Session) -> Bindings:
    """Count the mandates in force of both people; guardians' are exempt."""
    mandates, since = Mandate.get_pymongo_collection(), now - _MONTH
    shown = {"relation": 1, "state": 1, "principal": 1, "confirmed_at": 1, "channel": 1}
    active = MandateState.ACTIVE.value
    own = mandates.find(
        {"delegate": delegate, "$or": [{"state": active}, {"confirmed_at": {"$gt": since}}]},
        shown,
        session=session,
    )
    of_delegate = await own.to_list()
    theirs = mandates.find({"principal": principal, "state": active}, shown, session=session)
    counted = [one for one in of_delegate if not is_exempt(one)]
    live = [one for one in counted if one["state"] == active]
    return Bindings(
        of_delegate=Counter(Relation(one["relation"]) for one in live),
        of_principal=sum(not is_exempt(one) for one in await theirs.to_list()),
        recent=sum(one["confirmed_at"] > since for one in counted),
        between=any(
            one["principal"] == principal and one["state"] == active for one in of_delegate
        ),
    )


def is_exempt(row: Row) -> bool:
    """Tell guardians and agents, who have no quota; a parent by custody is a guardian (D10)."""
    guarded = row["relation"] == Relation.CHILD and row["channel"] == Channel.DOCUMENT
    return guarded or row["relation"] in {Relation.WARD, Relation.ASSISTED}
