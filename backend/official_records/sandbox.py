"""The sandbox of the authorities' systems, for development and tests.

It makes records up from the digits of the number alone, always the same, and shares no rule with
the code that asks it.
"""

from datetime import date

from typing_extensions import override

from backend.official_records.registers import (
    CarePlan,
    CareVisit,
    HealthRecord,
    RecordSourceDown,
    RecordSources,
    SchoolEnrolment,
    StudentRecord,
    Vaccination,
)
from shared.clock import Clock
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

_GROUPS = ("A", "B", "O", "AB")
_HOSPITAL = LocalizedText("章贡区人民医院", "Zhanggong District People's Hospital")
_CLINIC = LocalizedText("章贡区水南卫生服务中心", "Shuinan Community Health Centre")
_PENICILLIN = LocalizedText("青霉素", "Penicillin")
_PRESSURE = LocalizedText("高血压", "High blood pressure")
_DOSES = (
    (0, 1, LocalizedText("乙肝疫苗", "Hepatitis B vaccine"), _HOSPITAL),
    (0, 2, LocalizedText("乙肝疫苗", "Hepatitis B vaccine"), _CLINIC),
    (1, 1, LocalizedText("麻腮风疫苗", "Measles, mumps and rubella vaccine"), _CLINIC),
    (60, 1, LocalizedText("23价肺炎疫苗", "Pneumococcal vaccine"), _CLINIC),
    (65, 1, LocalizedText("流感疫苗", "Influenza vaccine"), _CLINIC),
)
_PRIMARY = LocalizedText("赣州市水南小学", "Shuinan Primary School")
_MIDDLE = LocalizedText("赣州市第三中学", "Ganzhou No. 3 Middle School")
_GRADES = tuple(
    LocalizedText(zh, en)
    for zh, en in (
        *(("小学一年级", "Grade 1"), ("小学二年级", "Grade 2"), ("小学三年级", "Grade 3")),
        *(("小学四年级", "Grade 4"), ("小学五年级", "Grade 5"), ("小学六年级", "Grade 6")),
        *(("初中一年级", "Grade 7"), ("初中二年级", "Grade 8"), ("初中三年级", "Grade 9")),
        *(("高中一年级", "Grade 10"), ("高中二年级", "Grade 11"), ("高中三年级", "Grade 12")),
    )
)
_FIRST_AGE, _MIDDLE_AGE, _ELDER_AGE = 6, 12, 60
_MEALS = LocalizedText("送餐上门", "Meals at home")
_CLEANING = LocalizedText("家庭清洁", "House cleaning")
_CARE = LocalizedText("水南居家养老服务站", "Shuinan Home Care Station")


class SandboxRecordSources(RecordSources):
    """Answers what it makes up; `down` lets it be out of order."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.down = False
        self.asked: list[str] = []

    @override
    async def health_record(self, number: str) -> HealthRecord | None:
        born, today = self._begin("health", number)
        age, digit = _years(born, today), int(number[16])
        given = tuple(
            Vaccination(vaccine, dose, _in_year(born, at, dose), place)
            for at, dose, vaccine, place in _DOSES
            if _in_year(born, at, dose) <= today
        )
        return HealthRecord(
            blood_group=_GROUPS[digit % len(_GROUPS)],
            allergies=(_PENICILLIN,) if digit % 2 == 0 else (),
            conditions=(_PRESSURE,) if age >= _ELDER_AGE else (),
            last_check_up=_in_year(today, -1, 3) if age >= _ELDER_AGE else None,
            vaccinations=given,
        )

    @override
    async def student_record(self, number: str) -> StudentRecord | None:
        born, today = self._begin("student", number)
        year = today.year - born.year - _FIRST_AGE - (today.month < 9)
        if not 0 <= year < len(_GRADES):
            return None
        first = date(born.year + _FIRST_AGE, 9, 1)
        moved = date(born.year + _MIDDLE_AGE, 9, 1)
        if moved > today:
            going = (SchoolEnrolment(_PRIMARY, _GRADES[year], first),)
            return StudentRecord(f"G{number}", going)
        done = SchoolEnrolment(_PRIMARY, _GRADES[5], first, moved)
        return StudentRecord(f"G{number}", (SchoolEnrolment(_MIDDLE, _GRADES[year], moved), done))

    @override
    async def care_plan(self, number: str) -> CarePlan | None:
        born, today = self._begin("care", number)
        if _years(born, today) < _ELDER_AGE:
            return None
        visits = (
            CareVisit(_CLEANING, date.fromordinal(today.toordinal() + 2), made=False),
            CareVisit(_CLEANING, date.fromordinal(today.toordinal() - 5), made=True),
        )
        return CarePlan(_CARE, (_MEALS, _CLEANING), visits)

    def _begin(self, what: str, number: str) -> tuple[date, date]:
        self.asked.append(what)
        if self.down:
            raise RecordSourceDown
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        return born, local_day(self._clock.now())


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _in_year(start: date, years: int, month: int) -> date:
    return date(start.year + years, min(start.month + month, 12), 1)
