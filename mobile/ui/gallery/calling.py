"""Asking family for help: the elder's pages, and the call as it comes to the delegate's phone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from mobile.core.help_request import HelpRequest
from mobile.core.mandate import DELEGATE, PRINCIPAL, FamilySeen, Mandate, Principal
from mobile.ui.gallery.family import mandate_wire, paying
from mobile.ui.gallery.samples import NOW, certificate_of
from mobile.ui.gallery.stage import Scene, Stage
from mobile.viewmodels.call_family import ASKED, NEED, NUMBER, PERSON

_BOOK = {"zh": "替我预约", "en": "Book for me"}


def _request(identifier: str, name: str, *, answered: bool = False) -> HelpRequest:
    wire: dict[str, Any] = {
        "id": identifier,
        "mandate": "mnd_a",
        "otherName": name,
        "topic": "BOOK",
        "words": _BOOK,
        "askedAt": NOW.isoformat(),
        "until": (NOW + timedelta(days=1)).isoformat(),
        "answeredAt": NOW.isoformat() if answered else None,
        "withdrawnAt": None,
    }
    return HelpRequest.of_wire(wire)


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    calling = _Calling(stage)
    yield "call-family", calling.people
    yield "call-family-nobody", calling.nobody
    yield "call-family-need", lambda: calling.step(NEED)
    yield "call-family-asked", calling.asked
    yield "call-family-waits", calling.waits
    yield "call-family-number", calling.number
    yield "help-wanted", calling.wanted
    yield "help-going", calling.going
    yield "help-wanted-no-more", calling.put_off


class _Calling:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._model = stage.models.call_family
        self._family = stage.models.family._family
        self._help = self._model._help

    def people(self) -> None:
        delegates = (
            Mandate.of_wire(paying(mandate_wire("mnd_a", PRINCIPAL, "李*华"))),
            Mandate.of_wire(mandate_wire("mnd_b", PRINCIPAL, "李*")),
        )
        self._begin(FamilySeen(delegates, (), NOW))

    def nobody(self) -> None:
        self._begin(FamilySeen((), (), NOW))

    def step(self, page: str) -> None:
        self.people()
        self._model._mandate, self._model._page = "mnd_a", page
        self._model._show()

    def asked(self) -> None:
        self.people()
        self._help.asked = (_request("hlp_a", "李*华"),)
        self._model._request = "hlp_a"
        self._model._mandate, self._model._page = "mnd_a", ASKED
        self._model._show()

    def waits(self) -> None:
        self.people()
        self._help.asked = (
            _request("hlp_a", "李*华"),
            _request("hlp_b", "李*", answered=True),
        )
        self._model._page = PERSON
        self._model._show()

    def number(self) -> None:
        self.step(NUMBER)
        for digit in "1380013":
            self._model.type_digit(digit)

    def wanted(self) -> None:
        self._begin(FamilySeen((), (self._mother(),), NOW))
        self._stage.models.place.go("code")
        self._help.waiting = (_request("hlp_w", "王*兰"),)
        self._stage.models.help_wanted._later.clear()
        self._help._tell()

    def going(self) -> None:
        self.wanted()
        self._stage.models.help_wanted._work = self._stage.idle()
        self._stage.models.help_wanted.go()

    def put_off(self) -> None:
        self.wanted()
        self._stage.models.help_wanted.put_off()

    def _mother(self) -> Principal:
        wire = mandate_wire("mnd_a", DELEGATE, "王*兰")
        certificate = certificate_of(self._stage.key, 1)
        return Principal(Mandate.of_wire(wire), self._stage.wallet.card, certificate)

    def _begin(self, seen: FamilySeen) -> None:
        self._family.switch("")
        self._help.asked = self._help.waiting = ()
        self._help._tell()
        self._stage.show_signed_in("code")
        self._family.known = seen
        self._model._contacts._numbers = {"mnd_a": "13800138000"}
        self._stage.models.place.go("call_family")
        self._model.open()
