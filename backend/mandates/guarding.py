"""A guardian 监护人 of an adult answers for what others do for the ward: sees it and stops it (D7).

No delegate learns of another (D25); a guardian is more than a delegate: they stand in the ward's
own place (民法典 Art. 34), as long as their papers are in force.
"""

from datetime import datetime

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.mongo import Session
from backend.foundation.pages import Page, Position
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.mandates import deeds
from backend.mandates import refusals as no
from backend.mandates.documents import Mandate
from backend.mandates.notices import tell
from backend.mandates.rules import MandateState, ShownState, shown_state
from backend.mandates.scopes import Relation
from backend.mandates.stored import Row, facts_in, read
from backend.mandates.views import MandateView, MandateViews, Side
from shared.clock import Clock
from shared.localized_text import LocalizedText

_LOOKED = LocalizedText("查看了他人为您代办的授权", "looked at who may act for you")


async def may_stop_as_guardian(
    row: Row, person: str, now: datetime, session: Session | None = None
) -> bool:
    """Tell whether somebody guards the principal of another's mandate; not of a guardian's."""
    if row.get("principal") is None or row["relation"] == Relation.WARD:
        return False
    wanted = {
        "principal": row["principal"],
        "delegate": person,
        "relation": Relation.WARD.value,
        "state": MandateState.ACTIVE.value,
    }
    found = await Mandate.get_pymongo_collection().find_one(wanted, session=session)
    return found is not None and _in_force(found, now)


class Guarding:
    """Shows a guardian who else acts for their ward."""

    def __init__(self, views: MandateViews, clock: Clock) -> None:
        self._views = views
        self._clock = clock

    async def page(
        self, caller: Caller | None, mandate_id: str, first: int, after: Position | None
    ) -> Page[MandateView] | Refusal:
        """Return a page of a ward's mandates, the last offered first; the ward is told of it.

        Args:
            caller: the guardian, signed in as self.
            mandate_id: the mandate by which they are the guardian.
            first: how many at most.
            after: where the page before ended.
        """
        person, now = caller.resident_id if caller else None, self._clock.now()
        refused = may(caller, Act.MANDATE_MANAGE, person)
        if caller is None or person is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        row = await read(mandate_id)
        if row is None or row.get("delegate") != person or row["relation"] != Relation.WARD:
            return no.MANDATE_UNKNOWN
        if not _in_force(row, now):
            return no.REVIEW_DUE if row["state"] == MandateState.ACTIVE else no.MANDATE_OVER
        if after is None:  # further pages are the same look
            await audit.in_one_write(lambda session: _noted(caller, row, now, session))
        return await self._views.page_of(row["principal"], Side.PRINCIPAL, first, after)


def _in_force(row: Row, now: datetime) -> bool:
    return shown_state(facts_in(row), now) is ShownState.ACTIVE


async def _noted(by: Caller, row: Row, now: datetime, session: Session) -> None:
    ward, mandate, action = row["principal"], row["_id"], "mandates.guarded"
    row_id = await audit.record(deeds.of_caller(by, action, ward, now, mandate=mandate), session)
    await tell(row_id, [ward], mandate, action, _LOOKED, now, session, by_delegate=True)
