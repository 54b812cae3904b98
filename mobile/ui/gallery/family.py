"""Acting for another person: both sides, the invitation, and the principal's code."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from mobile.core.mandate import (
    DELEGATE,
    PRINCIPAL,
    FamilySeen,
    Invitation,
    Mandate,
    MandateActs,
    Principal,
    WardMandates,
)
from mobile.ui.gallery.samples import NOW, certificate_of
from mobile.ui.gallery.stage import Scene, Stage
from mobile.viewmodels.family_state import (
    ASK,
    CARD,
    CHOOSE,
    DID,
    GUARDED,
    LENGTH,
    LIMITS,
    PIN,
    RELATION,
    SHOWN,
    TAKE,
    TOLD,
    TYPE,
)

_AT = NOW.isoformat()
_END = (NOW + timedelta(days=31)).isoformat()


def mandate_wire(identifier: str, side: str, name: str, state: str = "ACTIVE") -> dict[str, Any]:
    """Return a mandate as the server tells it."""
    active = state == "ACTIVE"
    return {
        "id": identifier,
        "side": side,
        "otherName": name,
        "relation": "ELDER",
        "delegateIs": {"zh": "晚辈", "en": "Younger relative"},
        "state": state,
        "scopes": [
            {"scope": code, "since": _AT if active else None, "until": None}
            for code in ("CARD_SHOW", "BOOK")
        ],
        "days": 31,
        "endsAt": _END if active else None,
        "uses": 3 if active else 0,
        "limits": {"perActFen": 0, "perDayFen": 0, "perMonthFen": 0},
        "dailyViews": False,
    }


def paying(wire: dict[str, Any]) -> dict[str, Any]:
    """Return a mandate by which small sums may be paid."""
    pays = {"scope": "PAY_SMALL", "since": _AT, "until": None}
    limits = {"perActFen": 5_000, "perDayFen": 10_000, "perMonthFen": 50_000}
    limits |= {"spentTodayFen": 3_550, "spentThisMonthFen": 12_000}
    return {**wire, "scopes": [*wire["scopes"], pays], "limits": limits}


def _act(words_zh: str, words_en: str, *, by_delegate: bool) -> dict[str, Any]:
    words = {"zh": words_zh, "en": words_en}
    return {"at": _AT, "words": words, "byDelegate": by_delegate, "done": True}


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    family = _Family(stage)
    yield "family", family.people
    yield "family-empty", family.nobody
    yield "family-one", family.one
    yield "family-confirm", family.waiting
    yield "family-did", family.did
    yield "family-relation", lambda: family.step(RELATION)
    yield "family-scopes", lambda: family.step(CHOOSE)
    yield "family-sensitive", lambda: family.step(ASK)
    yield "family-length", lambda: family.step(LENGTH)
    yield "family-offer", family.offer
    yield "family-card", lambda: family.offer(CARD)
    yield "family-pin", lambda: family.offer(PIN)
    yield "family-digits", family.shown
    yield "family-take", family.take
    yield "family-type", family.type_in
    yield "family-limits", family.limits
    yield "family-limits-month", lambda: family.limits(2_000, 10_000)
    yield "family-ward", family.guardian
    yield "family-guarded", family.guarded
    yield "family-told", lambda: family.of_mother(TOLD)
    for name in ("code", "bookings", "wallet"):
        yield f"acting-{name}", partial(family.acting, name)
    yield "acting-no-code", family.without_code
    yield "acting-over", family.over


class _Family:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._model = stage.models.family
        self._service = self._model._family

    def people(self) -> None:
        mother = Principal(
            Mandate.of_wire(mandate_wire("mnd_a", DELEGATE, "王*兰")),
            self._stage.wallet.card,
            certificate_of(self._stage.key, 1),
        )
        son = Principal(Mandate.of_wire(mandate_wire("mnd_b", DELEGATE, "李*", "TAKEN")))
        delegates = (
            Mandate.of_wire(paying(mandate_wire("mnd_c", PRINCIPAL, "李*华"))),
            Mandate.of_wire(mandate_wire("mnd_d", PRINCIPAL, "赵*", "TAKEN")),
        )
        self._begin(FamilySeen(delegates, (mother, son), NOW))

    def nobody(self) -> None:
        self._begin(FamilySeen((), (), NOW))

    def one(self) -> None:
        self.people()
        self._model.do("open:mnd_c")

    def waiting(self) -> None:
        self.people()
        self._model.do("open:mnd_d")

    def did(self) -> None:
        self.one()
        self._model._course.did = MandateActs.of_wire(
            {
                "nodes": [
                    _act("为本人预约了 客家文化城", "Booked a place", by_delegate=True),
                    _act("付款", "Paid", by_delegate=True) | {"done": False},
                    _act("确认了代办授权", "Confirmed a mandate", by_delegate=False),
                ],
                "pageInfo": {"hasNextPage": True, "endCursor": "x"},
            }
        )
        self._page(DID)

    def step(self, page: str) -> None:
        self.people()
        self._model.do(f"begin:{PRINCIPAL}")
        self._model._course.asked = ["MEDICAL_VIEW"]
        self._page(page)

    def offer(self, page: str = LENGTH) -> None:
        self.people()
        self._model.do(f"begin:{DELEGATE}")
        self._model.choose("ELDER")
        self._model._course.typed = "1908" if page == PIN else ""
        self._page(page)

    def shown(self) -> None:
        self.people()
        mandate = Mandate.of_wire(mandate_wire("mnd_e", PRINCIPAL, "", "OFFERED"))
        self._model._course.invitation = Invitation(mandate, "048392715560")
        self._page(SHOWN)

    def take(self) -> None:
        self.people()
        self._page(TAKE)

    def type_in(self) -> None:
        self.people()
        self._page(TYPE)
        for digit in "0483927":
            self._model.type_digit(digit)

    def of_mother(self, page: str) -> None:
        self.one()
        self._model.do(f"go:{page}")

    def limits(self, *chosen: int) -> None:
        self.of_mother(LIMITS)
        for fen in chosen:
            self._model.choose(str(fen))

    def acting(self, name: str) -> None:
        self.people()
        self._service.switch("mnd_a")
        self._stage.models.place.go(name)

    def without_code(self) -> None:
        self.people()
        principal = Principal(Mandate.of_wire(mandate_wire("mnd_a", DELEGATE, "王*兰")))
        self._service.known = FamilySeen((), (principal,), NOW)
        self._service.switch("mnd_a")

    def over(self) -> None:
        self.people()
        wire = mandate_wire("mnd_a", DELEGATE, "王*兰", "ENDED")
        self._service.known = FamilySeen((), (Principal(Mandate.of_wire(wire)),), NOW)
        self._service.switch("mnd_a")

    def guardian(self) -> None:
        wire = {**paying(mandate_wire("mnd_w", DELEGATE, "周*根")), "relation": "WARD"}
        wire |= {"delegateIs": {"zh": "监护人", "en": "Guardian"}, "days": None, "endsAt": None}
        ward = Principal(Mandate.of_wire(wire))
        self._begin(FamilySeen((), (ward,), NOW))
        self._model.do("open:mnd_w")

    def guarded(self) -> None:
        self.guardian()
        others = (
            mandate_wire("mnd_x", PRINCIPAL, "周*伟"),
            mandate_wire("mnd_y", PRINCIPAL, "孙*", "ENDED"),
        )
        self._model._course.guarded = WardMandates(tuple(map(Mandate.of_wire, others)), None)
        self._page(GUARDED)

    def _begin(self, seen: FamilySeen) -> None:
        self._service.switch("")
        self._stage.show_signed_in("code")
        self._service.known = seen
        self._stage.models.place.go("family")
        self._model.open()

    def _page(self, page: str) -> None:
        self._model._course.page = page
        self._model._show()
