"""Venues of the demonstration city, Ganzhou 赣州: the places that the policy documents name.

A hospital and a canteen of invented names stand beside them. Positions are those of the towns.
"""

from backend.settings import GANZHOU
from backend.venues.catalogue import AreaFacts, CatalogueEntry, Position
from backend.venues.rules import Accessibility, VenueKind
from shared.admission.opening import OpeningCalendar
from shared.admission.opening_hours import Hours, RunsAs, Week
from shared.localized_text import LocalizedText

LONG_MARCH, MUSEUM, CAVES, CRADLE, MOUNTAIN = 1, 2, 3, 4, 5
LIBRARY, SPORTS, HOSPITAL, CANTEEN, DISTRICT_LIBRARY = 6, 7, 8, 9, 10
ZHANGGONG, GANXIAN = 360702, 360704
_MOST = (Accessibility.WHEELCHAIR, Accessibility.TOILET, Accessibility.LIFT)


def _daily(start: int, end: int, *closed: RunsAs, last_entry: int = 0) -> OpeningCalendar:
    week = Week.same_every_day(Hours(start, end), closed_on=closed)
    return OpeningCalendar(week, last_entry_minutes=last_entry)


_MORNING_AND_AFTERNOON = OpeningCalendar(
    Week.same_every_day(Hours(480, 720), Hours(870, 1050), closed_on=[RunsAs.SUNDAY])
)
_MEALS = OpeningCalendar(Week.same_every_day(Hours(390, 510), Hours(660, 780), Hours(1020, 1110)))

PLACES = (
    CatalogueEntry(
        number=LONG_MARCH,
        name=LocalizedText(
            "中央红军长征出发地纪念园", "Central Red Army Long March Departure Memorial Park"
        ),
        kind=VenueKind.MUSEUM,
        region=360731,
        address=LocalizedText("于都县贡江镇长征大道", "Changzheng Avenue, Yudu"),
        position=Position(25.957, 115.408),
        capacity=2_000,
        areas=(AreaFacts("hall", LocalizedText("纪念馆", "Memorial hall"), 300),),
        accessibility=(*_MOST, Accessibility.WHEELCHAIR_LOAN, Accessibility.SIGN_LANGUAGE),
        needs_booking=True,
        accepts=None,
        calendar=_daily(510, 1020, RunsAs.MONDAY, last_entry=30),
    ),
    CatalogueEntry(
        number=MUSEUM,
        name=LocalizedText("赣州市博物馆", "Ganzhou Museum"),
        kind=VenueKind.MUSEUM,
        region=ZHANGGONG,
        address=LocalizedText("章贡区章江新区", "Zhangjiang New District"),
        position=Position(25.826, 114.926),
        capacity=1_500,
        areas=(AreaFacts("main", LocalizedText("常设展厅", "Permanent exhibition"), 200),),
        accessibility=(*_MOST, Accessibility.HEARING_LOOP, Accessibility.TACTILE),
        needs_booking=True,
        accepts=None,
        calendar=_daily(540, 1020, RunsAs.MONDAY, last_entry=60),
    ),
    CatalogueEntry(
        number=CAVES,
        name=LocalizedText("通天岩风景名胜区", "Tongtianyan Grottoes"),
        kind=VenueKind.SCENIC_AREA,
        region=ZHANGGONG,
        address=LocalizedText("章贡区水西镇", "Shuixi, Zhanggong"),
        position=Position(25.897, 114.897),
        capacity=5_000,
        areas=(AreaFacts("park", LocalizedText("景区", "The park"), 5_000),),
        accessibility=(Accessibility.TOILET, Accessibility.PARKING),
        needs_booking=False,
        accepts=None,
        calendar=_daily(480, 1050, last_entry=60),
    ),
    CatalogueEntry(
        number=CRADLE,
        name=LocalizedText("共和国摇篮旅游区", "Cradle of the Republic, Ruijin"),
        kind=VenueKind.SCENIC_AREA,
        region=360781,
        address=LocalizedText("瑞金市沙洲坝镇", "Shazhouba, Ruijin"),
        position=Position(25.901, 116.036),
        capacity=8_000,
        areas=(AreaFacts("park", LocalizedText("景区", "The park"), 8_000),),
        accessibility=(Accessibility.WHEELCHAIR, Accessibility.TOILET),
        needs_booking=True,
        accepts=None,
        calendar=_daily(480, 1050, last_entry=60),
    ),
    CatalogueEntry(
        number=MOUNTAIN,
        name=LocalizedText("三百山", "Sanbai Mountain"),
        kind=VenueKind.SCENIC_AREA,
        region=360726,
        address=LocalizedText("安远县三百山镇", "Sanbaishan, Anyuan"),
        position=Position(25.03, 115.43),
        capacity=10_000,
        areas=(AreaFacts("park", LocalizedText("景区", "The park"), 10_000),),
        accessibility=(Accessibility.TOILET, Accessibility.PARKING),
        needs_booking=False,
        accepts=None,
        calendar=_daily(480, 1020, last_entry=120),
    ),
    CatalogueEntry(
        number=LIBRARY,
        name=LocalizedText("赣州市图书馆", "Ganzhou Library"),
        kind=VenueKind.LIBRARY,
        region=ZHANGGONG,
        address=LocalizedText("章贡区章江新区", "Zhangjiang New District"),
        position=Position(25.828, 114.930),
        capacity=1_200,
        areas=(AreaFacts("study", LocalizedText("自习室", "Study room"), 80),),
        accessibility=(*_MOST, Accessibility.TACTILE),
        needs_booking=False,
        accepts=(360000,),
        calendar=_daily(540, 1260, RunsAs.MONDAY),
    ),
    CatalogueEntry(
        number=SPORTS,
        name=LocalizedText("赣州市体育中心", "Ganzhou Sports Centre"),
        kind=VenueKind.SPORTS,
        region=GANZHOU,
        address=LocalizedText("章贡区体育中心路", "Sports Centre Road"),
        position=Position(25.80, 114.94),
        capacity=3_000,
        areas=(
            AreaFacts("court1", LocalizedText("羽毛球1号场", "Badminton court 1"), 4),
            AreaFacts("court2", LocalizedText("羽毛球2号场", "Badminton court 2"), 4),
            AreaFacts("pool", LocalizedText("游泳池", "Swimming pool"), 120),
        ),
        accessibility=_MOST,
        needs_booking=True,
        accepts=None,
        calendar=_daily(480, 1320),
    ),
    CatalogueEntry(
        number=HOSPITAL,
        name=LocalizedText("虔城医院", "Qiancheng Hospital"),
        kind=VenueKind.HOSPITAL,
        region=ZHANGGONG,
        address=LocalizedText("章贡区红旗大道", "Hongqi Avenue"),
        position=Position(25.853, 114.935),
        capacity=None,
        areas=(
            AreaFacts("medicine", LocalizedText("内科门诊", "Internal medicine"), 40),
            AreaFacts("eyes", LocalizedText("眼科门诊", "Eye clinic"), 30),
        ),
        accessibility=tuple(Accessibility),
        needs_booking=True,
        accepts=None,
        calendar=_MORNING_AND_AFTERNOON,
    ),
    CatalogueEntry(
        number=CANTEEN,
        name=LocalizedText("水东长者食堂", "Shuidong Senior Canteen"),
        kind=VenueKind.CANTEEN,
        region=ZHANGGONG,
        address=LocalizedText("章贡区水东镇", "Shuidong, Zhanggong"),
        position=Position(25.868, 114.952),
        capacity=90,
        areas=(AreaFacts("hall", LocalizedText("餐厅", "Dining hall"), 90),),
        accessibility=(Accessibility.WHEELCHAIR, Accessibility.TOILET),
        needs_booking=False,
        accepts=(GANZHOU,),
        calendar=_MEALS,
    ),
    CatalogueEntry(
        number=DISTRICT_LIBRARY,
        name=LocalizedText("赣县区图书馆", "Ganxian District Library"),
        kind=VenueKind.LIBRARY,
        region=GANXIAN,
        address=LocalizedText("赣县区梅林镇", "Meilin, Ganxian"),
        position=Position(25.861, 115.012),
        capacity=400,
        areas=(AreaFacts("reading", LocalizedText("阅览室", "Reading room"), 60),),
        accessibility=_MOST,
        needs_booking=False,
        accepts=(360000,),
        calendar=_daily(540, 1050, RunsAs.MONDAY),
    ),
)
