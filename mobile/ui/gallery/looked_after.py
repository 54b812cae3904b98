"""Records that authorities hold, one's own and a principal's, and the daily safe check."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from mobile.core.mandate import DELEGATE, PRINCIPAL, FamilySeen, Mandate, Principal
from mobile.core.official_record import OfficialRecord, RecordLine, RecordSection
from mobile.core.safe_check import SafeCheck, SafeContact
from mobile.core.trouble import UNREACHABLE, Trouble
from mobile.ui.gallery.family import mandate_wire
from mobile.ui.gallery.samples import NOW, certificate_of
from mobile.ui.gallery.stage import Scene, Stage
from mobile.viewmodels.safe_check import HOUR, WHOM
from shared.localized_text import LocalizedText

_AT = (NOW - timedelta(days=3)).isoformat()
_ALLERGY = LocalizedText("过敏", "Allergic to")
_CLINIC = LocalizedText("章贡区水南卫生服务中心", "Shuinan Community Health Centre")
HEALTH = OfficialRecord(
    LocalizedText("市卫生健康委员会", "Municipal health commission"),
    NOW,
    (
        RecordSection(
            LocalizedText("基本健康信息", "Basics"),
            (
                RecordLine(LocalizedText("血型", "Blood group"), LocalizedText("O型", "O"), None),
                RecordLine(
                    LocalizedText("过敏", "Allergic to"),
                    LocalizedText("青霉素", "Penicillin"),
                    None,
                ),
            ),
        ),
        RecordSection(
            LocalizedText("疫苗接种", "Vaccinations"),
            (
                RecordLine(
                    LocalizedText("23价肺炎疫苗 第1剂", "Pneumococcal vaccine, dose 1"),
                    _CLINIC,
                    date(2025, 3, 1),
                ),
            ),
        ),
    ),
)
_CONSENT = Trouble(
    "consent_needed",
    LocalizedText("此事需要您的单独同意。", "This needs your separate consent."),
    LocalizedText("请阅读说明并决定。", "Read about it and decide."),
)
_DUE = NOW.replace(hour=2, minute=0, second=0) + timedelta(days=1)
CHECK = SafeCheck(600, (SafeContact("mnd_a", "李*华", heard=True),), _DUE, NOW, None)


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    looked = _LookedAfter(stage)
    yield "records", looked.kinds
    yield "records-health", lambda: looked.shown("health", HEALTH)
    yield "records-none", lambda: looked.shown("student", replace(HEALTH, sections=()))
    yield "records-consent", lambda: looked.failed(_CONSENT)
    yield "records-offline", lambda: looked.failed(UNREACHABLE)
    yield "acting-records", looked.of_mother
    yield "acting-corrections", looked.correct_for_mother
    yield "safe-check", lambda: looked.check(CHECK)
    yield "safe-check-missed", lambda: looked.check(replace(CHECK, missed_at=NOW))
    yield "safe-check-off", lambda: looked.check(None)
    yield "safe-check-hour", lambda: looked.step(HOUR)
    yield "safe-check-whom", lambda: looked.step(WHOM)
    yield "safe-check-nobody", looked.nobody
    yield "acting-safe-check", lambda: looked.hers(CHECK)
    yield "acting-safe-check-missed", lambda: looked.hers(replace(CHECK, missed_at=NOW))
    yield "acting-safe-check-off", lambda: looked.hers(None)


class _LookedAfter:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._records = stage.models.records
        self._model = stage.models.safe_check
        self._family = stage.services.family

    def kinds(self) -> None:
        self._begin("records")

    def shown(self, kind: str, record: OfficialRecord) -> None:
        self.kinds()
        self._records.choose(kind)
        self._records._record = record
        self._records._show()

    def failed(self, trouble: Trouble) -> None:
        self.kinds()
        self._records.choose("health")
        self._records._reading.trouble = trouble
        self._records._show()

    def of_mother(self) -> None:
        self._act_for_mother("MEDICAL_VIEW")
        self._stage.models.place.go("records")
        self._records.open()
        self._records.choose("health")
        self._records._record = HEALTH
        self._records._show()

    def correct_for_mother(self) -> None:
        self._act_for_mother("CASE_SUBMIT")
        self._stage.models.place.go("corrections")
        self._stage.models.corrections._known = ()
        self._stage.models.corrections.begin()

    def hers(self, known: SafeCheck | None) -> None:
        self._act_for_mother("NOTICE_COPY")
        self._stage.models.place.go("safe_check")
        self._model._checks.known, self._model._checks.was_read = known, True
        self._model.open()

    def _act_for_mother(self, scope: str) -> None:
        wire = mandate_wire("mnd_a", DELEGATE, "王*兰")
        wire["scopes"].append({"scope": scope, "since": _AT, "until": None})
        card, certificate = self._stage.wallet.card, certificate_of(self._stage.key, 1)
        mother = Principal(Mandate.of_wire(wire), card, certificate)
        self._begin("code", FamilySeen((), (mother,), NOW))
        self._stage.models.family.switch("mnd_a")

    def check(self, known: SafeCheck | None) -> None:
        self._begin("safe_check", FamilySeen((self._daughter(),), (), NOW))
        self._model._checks.known, self._model._checks.was_read = known, True
        self._model.open()

    def step(self, page: str) -> None:
        self.check(CHECK)
        self._model.do("set")
        self._model._page = page
        self._model._show()

    def nobody(self) -> None:
        self.check(None)
        self._family.known = FamilySeen((), (), NOW)
        self._model._page = WHOM
        self._model._show()

    @staticmethod
    def _daughter() -> Mandate:
        wire = mandate_wire("mnd_a", PRINCIPAL, "李*华")
        wire["scopes"].append({"scope": "NOTICE_COPY", "since": _AT, "until": None})
        return Mandate.of_wire(wire)

    def _begin(self, page: str, seen: FamilySeen | None = None) -> None:
        self._family.switch("")
        self._stage.show_signed_in("code")
        self._family.known = seen or FamilySeen((), (), NOW)
        self._stage.models.place.go(page)
        self._records.open()
