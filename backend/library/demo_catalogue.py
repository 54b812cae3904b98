"""The demonstration city's libraries: Ganzhou's own, a district's, and a small catalogue."""

from backend.library.network import Copy, Library, Title
from backend.settings import GANZHOU
from backend.venues import ganzhou
from shared.localized_text import LocalizedText

CITY, DISTRICT = "GZ-CITY", "GZ-GANXIAN"
LIBRARIES = (
    Library(CITY, LocalizedText("赣州市图书馆", "Ganzhou Library"), GANZHOU, ganzhou.LIBRARY),
    Library(
        DISTRICT,
        LocalizedText("赣县区图书馆", "Ganxian District Library"),
        ganzhou.GANXIAN,
        ganzhou.DISTRICT_LIBRARY,
    ),
)
TITLES = (
    Title("gz_hongloumeng", "红楼梦", "曹雪芹", class_number="I242.4"),
    Title("gz_xiyouji", "西游记", "吴承恩", class_number="I242.4"),
    Title("gz_shuihuzhuan", "水浒传", "施耐庵", class_number="I242.4"),
    Title("gz_sanguo", "三国演义", "罗贯中", class_number="I242.4"),
    Title("gz_mengxi", "梦溪笔谈", "沈括", class_number="Z429.441"),
    Title("gz_tiangong", "天工开物", "宋应星", class_number="N092"),
    Title("gz_luxun", "呐喊", "鲁迅", class_number="I210.6"),
    Title("gz_chengnan", "城南旧事", "林海音", class_number="I247.5"),
)


def _copies() -> tuple[Copy, ...]:
    """Return two copies of each title in the city and one of every second in the district."""
    made = []
    for n, title in enumerate(TITLES, 1):
        made += [Copy(f"GZ{n:04}{copy}", title.code, CITY, 4_500) for copy in (1, 2)]
        if n % 2:
            made.append(Copy(f"GX{n:04}1", title.code, DISTRICT, 4_500))
    return tuple(made)


COPIES = _copies()
