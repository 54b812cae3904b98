"""The services of this app under the four 一卡通, and what people call them."""

from dataclasses import dataclass
from enum import StrEnum

from mobile.core.service_search import Named, find
from mobile.core.texts import TEXTS


class Realm(StrEnum):
    """民生服务一卡通办, 公共服务一卡通行, 收支结算一卡通付, 社会服务管理一卡通用."""

    DONE = "done"
    WAYS = "ways"
    PAID = "paid"
    LIFE = "life"


@dataclass(frozen=True, slots=True)
class Service:
    """A way into the app: the `place` it leads to, and other names people search for."""

    key: str
    realm: Realm
    place: str
    icon: str
    also: tuple[str, ...] = ()


SERVICES = (
    Service(
        "card_loss",
        Realm.DONE,
        "card_loss",
        "card-off",
        ("丢卡", "卡丢了", "解挂", "补卡", "换卡", "冻结", "lost card", "suspend", "replace card"),
    ),
    Service(
        "family",
        Realm.DONE,
        "family",
        "people",
        ("代办", "委托", "授权家人", "父母", "孩子", "监护", "act for family", "delegate"),
    ),
    Service(
        "devices",
        Realm.DONE,
        "devices",
        "phone",
        ("手机丢了", "解绑", "换手机", "lost phone", "unlink", "device"),
    ),
    Service(
        "corrections",
        Realm.DONE,
        "corrections",
        "pencil",
        ("改名字", "信息错了", "修改资料", "correct my data", "wrong name"),
    ),
    Service(
        "code",
        Realm.WAYS,
        "code",
        "qrcode",
        ("二维码", "扫码", "亮证", "电子社保卡", "进馆", "QR code", "show code"),
    ),
    Service(
        "venues",
        Realm.WAYS,
        "venues",
        "place",
        (
            *("图书馆", "博物馆", "公园", "景区", "体育馆", "无障碍", "附近"),
            *("library", "museum", "park", "sight", "nearby", "wheelchair"),
        ),
    ),
    Service(
        "bookings",
        Realm.WAYS,
        "bookings",
        "calendar",
        ("预定", "门票", "取消预约", "候补", "挂号", "booking", "ticket", "reserve", "appointment"),
    ),
    Service(
        "library",
        Realm.WAYS,
        "library",
        "book",
        (
            *("借书", "还书", "续借", "借阅证", "读者证", "预约图书"),
            *("borrowed", "loans", "renew a book", "due date"),
        ),
    ),
    Service(
        "exams",
        Realm.WAYS,
        "exams",
        "document",
        (
            *("考试", "报考", "考试报名", "考场", "考点", "准考证", "座位号"),
            *("exam", "examination seat", "register for an exam", "test centre"),
        ),
    ),
    Service(
        "attendance",
        Realm.WAYS,
        "attendance",
        "account-clock",
        (
            *("考勤", "打卡记录", "上班", "下班", "门禁", "刷卡记录"),
            *("attendance", "working hours", "clock in"),
        ),
    ),
    Service(
        "challenge",
        Realm.WAYS,
        "challenge",
        "shield",
        ("场馆核验", "六位数字", "venue number", "challenge"),
    ),
    Service(
        "wallet",
        Realm.PAID,
        "wallet",
        "wallet",
        (
            "社会保障卡",
            "卡包",
            "票券",
            "培训券",
            "次票",
            "储值",
            "余额",
            "充值",
            "my card",
            "vouchers",
            "passes",
        ),
    ),
    Service(
        "subsidies",
        Realm.PAID,
        "subsidies",
        "savings",
        (
            *("惠民补贴", "津贴", "待遇", "到账", "发钱", "低保", "补助"),
            *("subsidy", "allowance", "benefit", "was I paid"),
        ),
    ),
    Service(
        "shop",
        Realm.PAID,
        "shop",
        "ticket",
        ("年票", "月票", "年卡", "旅游年卡", "购票", "buy pass", "annual pass"),
    ),
    Service(
        "timeline",
        Realm.LIFE,
        "timeline",
        "history",
        ("到访记录", "历史", "记录一生", "history", "timeline"),
    ),
    Service(
        "data_use",
        Realm.LIFE,
        "data_use",
        "data-use",
        ("查询记录", "谁看过我的信息", "隐私", "privacy", "who looked"),
    ),
    Service(
        "consents",
        Realm.LIFE,
        "consents",
        "consent",
        ("撤回同意", "授权管理", "withdraw consent", "permissions"),
    ),
    Service(
        "data_copy",
        Realm.LIFE,
        "data_copy",
        "download",
        ("导出", "下载资料", "复制个人信息", "export", "download my data"),
    ),
    Service(
        "records",
        Realm.LIFE,
        "records",
        "document",
        (
            *("健康档案", "疫苗", "接种记录", "学籍", "居家照护", "病历"),
            *("health record", "vaccination", "school record", "care plan"),
        ),
    ),
    Service(
        "licences",
        Realm.DONE,
        "licences",
        "consent",
        ("驾驶证", "户口本", "证照调取", "出生证", "资格证", "driving licence", "certificate"),
    ),
    Service(
        "safe_check",
        Realm.LIFE,
        "safe_check",
        "face-happy",
        ("报平安", "平安打卡", "独居", "紧急联系人", "safe check", "emergency contact"),
    ),
    Service(
        "rating",
        Realm.LIFE,
        "rating",
        "face-happy",
        ("好差评", "满意度", "打分", "意见", "rate a visit", "satisfaction"),
    ),
    Service(
        "recommendations",
        Realm.LIFE,
        "recommendations",
        "place",
        ("个性化推荐", "关闭推荐", "算法推荐", "行程", "去哪玩", "recommendations", "suggestions"),
    ),
    Service(
        "closing",
        Realm.LIFE,
        "closing",
        "account-remove",
        ("删除账号", "销户", "delete account", "close account"),
    ),
    Service(
        "look",
        Realm.LIFE,
        "me",
        "type-size",
        ("长辈版", "大字", "语言", "对比度", "设置", "settings", "language", "large text"),
    ),
    Service(
        "guides",
        Realm.LIFE,
        "guides",
        "information",
        (
            *("办事指南", "怎么办", "办理流程", "网点", "带什么", "多少钱"),
            *("how to", "outlet", "office hours", "what to bring"),
        ),
    ),
    Service(
        "help",
        Realm.LIFE,
        "help",
        "help",
        ("客服", "怎么用", "电话", "12333", "support", "how to"),
    ),
)
_BY_KEY = {service.key: service for service in SERVICES}


def find_services(query: str) -> tuple[Service, ...]:
    """Return the services that fit what was typed, the best first."""
    return tuple(_BY_KEY[key] for key in find(query, _NAMED))


def guided_service_at(place: str) -> str:
    """Return the key of the service whose guide belongs on the page of a place; else nothing."""
    return _GUIDED_AT.get(place, "")


def service_of(key: str) -> Service:
    """Return a service; raises KeyError for none of this app."""
    return _BY_KEY[key]


def _named(service: Service) -> Named:
    title = TEXTS[f"service.{service.key}"]
    return Named(service.key, (title.zh, title.en, *service.also))


_GUIDED_AT = {one.place: one.key for one in SERVICES if one.key not in {"guides", "help", "look"}}
"""The help leads to all guides, and of what is done under Me the look is one thing of many."""
_NAMED = tuple(map(_named, SERVICES))
