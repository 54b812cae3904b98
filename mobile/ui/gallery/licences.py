"""Electronic licences: a desk's request in each state, and one's own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from mobile.core.licence import Licence, LicenceRequest, OwnLicences
from mobile.core.trouble import UNREACHABLE, of_act
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Scene, Stage
from shared.localized_text import LocalizedText

_DRIVING = LocalizedText("机动车驾驶证", "Driving licence")
_HOUSEHOLD = LocalizedText("户籍登记证明", "Household registration")
REQUEST = LicenceRequest(
    "lrq_a",
    LocalizedText("赣州市住房和城乡建设局", "Ganzhou Housing Bureau"),
    (_HOUSEHOLD, _DRIVING),
    "申请公共租赁住房",
    "ASKED",
    NOW,
    NOW + timedelta(minutes=10),
)
OWN = OwnLicences(
    NOW,
    (
        Licence(
            _DRIVING,
            LocalizedText("赣州市公安局交警支队", "Ganzhou traffic police"),
            "VALID",
            date(2021, 5, 8),
            date(2031, 5, 7),
        ),
        Licence(
            LocalizedText("职业资格证书", "Professional qualification"),
            LocalizedText("赣州市人力资源和社会保障局", "Ganzhou human resources bureau"),
            "REVOKED",
            date(2022, 9, 1),
            None,
        ),
    ),
)


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    shown = _Licences(stage)
    used = replace(REQUEST, identifier="lrq_b", state="USED", asked_at=NOW - timedelta(days=2))
    granted = replace(REQUEST, state="GRANTED", until=NOW + timedelta(minutes=15))
    yield "licences", lambda: shown.list(REQUEST, used)
    yield "licences-none", shown.list
    yield "licences-decide", lambda: shown.one(REQUEST)
    yield "licences-granted", lambda: shown.one(granted)
    yield "licences-used", lambda: shown.one(used)
    yield "licences-gone", lambda: shown.one(REQUEST, gone=True)
    yield "licences-offline", shown.offline
    yield "licences-own", lambda: shown.own(OWN)
    yield "licences-own-offline", shown.own_offline
    yield "licences-own-none", lambda: shown.own(OwnLicences(NOW, ()))


class _Licences:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._model = stage.models.licences

    def list(self, *requests: LicenceRequest) -> None:
        self._stage.services.family.switch("")
        self._stage.show_signed_in("code")
        self._stage.models.place.go("licences")
        self._model._licences.requests, self._model._licences.was_read = requests, True
        self._model.open()

    def one(self, request: LicenceRequest, *, gone: bool = False) -> None:
        self.list(*(() if gone else (request,)))
        self._model.do(f"request:{request.identifier}")

    def offline(self) -> None:
        self.one(REQUEST)
        self._model._trouble = of_act(UNREACHABLE)
        self._model._show()

    def own(self, own: OwnLicences) -> None:
        self.list()
        self._model._go("own")
        self._model._own = own
        self._model._show()

    def own_offline(self) -> None:
        self.list()
        self._model._go("own")
        self._model._reading.trouble = of_act(UNREACHABLE)
        self._model._show()
