"""Words of looking for venues, and of one venue."""

from shared.localized_text import LocalizedText

TEXTS = {
    "venues.title": LocalizedText("找场馆", "Find a venue"),
    "venues.hint": LocalizedText("名字，如 图书馆", "Name, such as library"),
    "venues.search": LocalizedText("搜索", "Search"),
    "venues.near": LocalizedText("离我近", "Near me"),
    "venues.open": LocalizedText("现在开门", "Open now"),
    "venues.wheelchair": LocalizedText("轮椅能进", "Wheelchair"),
    "venues.what": LocalizedText("想找什么样的？", "What are you looking for?"),
    "venues.show": LocalizedText("找一找", "Find them"),
    "venues.again": LocalizedText("重新找", "Look for others"),
    "venues.found": LocalizedText("找到这些", "Found"),
    "venues.known": LocalizedText("上次找到的", "Found last time"),
    "venues.more": LocalizedText("再看一些", "Show more"),
    "venues.none": LocalizedText("没有找到", "Nothing was found"),
    "venues.none.next": LocalizedText(
        "换个名字，或少选一个条件再找。", "Try another name, or fewer conditions."
    ),
    "venues.no_position": LocalizedText("不知道您在哪里", "Your position is not known"),
    "venues.no_position.next": LocalizedText(
        "请在手机设置里允许定位，或用名字找。位置只用来算距离，不保存。",
        "Allow it in the phone's settings, or search by name. It is used for distances only.",
    ),
    "venues.reading": LocalizedText("找到：{names}。", "Found: {names}."),
    "venues.reading.filter": LocalizedText(
        "找场馆。可以选离我近、现在开门、轮椅能进，再点找一找。",
        "Find a venue: choose near me, open now or wheelchair, then find them.",
    ),
    "venue.title": LocalizedText("场馆", "Venue"),
    "venue.metres": LocalizedText("{count} 米", "{count} m"),
    "venue.kilometres": LocalizedText("{count} 公里", "{count} km"),
    "venue.open": LocalizedText("现在开门", "Open now"),
    "venue.closed": LocalizedText("现在关门", "Closed now"),
    "venue.closed.until": LocalizedText("关门，{when} 开", "Closed, opens {when}"),
    "venue.state.unknown": LocalizedText("开没开门，联网后才知道", "Open or not: online only"),
    "venues.others": LocalizedText("看别的场馆", "Other venues"),
    "venue.kind.library": LocalizedText("图书馆", "Library"),
    "venue.kind.museum": LocalizedText("博物馆、纪念馆", "Museum"),
    "venue.kind.scenic_area": LocalizedText("景区", "Scenic area"),
    "venue.kind.sports": LocalizedText("体育场馆", "Sports"),
    "venue.kind.hospital": LocalizedText("医院", "Hospital"),
    "venue.kind.canteen": LocalizedText("食堂、助餐点", "Canteen"),
    "venue.hours": LocalizedText("今天几点开？", "Open today?"),
    "venue.hours.span": LocalizedText(
        "{start}–{end}，{last} 停止入场", "{start}–{end}, last entry {last}"
    ),
    "venue.days": LocalizedText("后面几天", "The days after"),
    "venue.hours.none": LocalizedText("今天不开门", "Not today"),
    "venue.hours.unknown": LocalizedText("联网后才能看", "Online only"),
    "venue.booking": LocalizedText("要预约吗？", "Is a booking needed?"),
    "venue.booking.yes": LocalizedText("要，先预约再来", "Yes, book before you come"),
    "venue.booking.no": LocalizedText(
        "进门不用预约；有的座位、场地、门诊要约",
        "Not to enter; some seats, courts or clinics are booked",
    ),
    "venue.entry": LocalizedText("现在我能进吗？", "May I come in now?"),
    "venue.entry.shut": LocalizedText(
        "现在关门。开门的时候：{answer}", "Closed now. Once it is open: {answer}"
    ),
    "venue.bring": LocalizedText("带什么？", "What to bring?"),
    "venue.bring.card": LocalizedText(
        "社会保障卡，或打开这里的“我的码”", "Your social security card, or My code in this app"
    ),
    "venue.bring.hospital": LocalizedText(
        "社会保障卡或“我的码”，还有以前的病历", "Your card or My code, and earlier medical records"
    ),
    "venue.bring.sports": LocalizedText(
        "社会保障卡或“我的码”，运动鞋", "Your card or My code, and sports shoes"
    ),
    "venue.regions.some": LocalizedText(
        "只认部分地区的卡，请先问场馆", "Cards of some regions only: ask the venue"
    ),
    "venue.access": LocalizedText("方便进出吗？", "Easy to get in?"),
    "venue.access.none": LocalizedText("场馆没有说明", "The venue does not say"),
    "venue.access.wheelchair": LocalizedText("轮椅能进", "step-free entrance"),
    "venue.access.toilet": LocalizedText("无障碍卫生间", "accessible toilet"),
    "venue.access.lift": LocalizedText("无障碍电梯", "lift"),
    "venue.access.parking": LocalizedText("无障碍车位", "accessible parking"),
    "venue.access.sign_language": LocalizedText("手语服务", "sign language"),
    "venue.access.tactile": LocalizedText("盲道、盲文", "tactile paving, braille"),
    "venue.access.wheelchair_loan": LocalizedText("借轮椅", "wheelchairs to borrow"),
    "venue.access.hearing_loop": LocalizedText("助听系统", "hearing loop"),
    "venue.where": LocalizedText("在哪里？", "Where is it?"),
    "venue.address.none": LocalizedText("没有登记地址", "No address is known"),
    "venue.passes": LocalizedText("这里的票和通票", "Passes for here"),
    "venue.book": LocalizedText("选时间预约", "Choose a time and book"),
    "venue.reading": LocalizedText(
        "{name}，{state}。今天 {hours}。{booking}。", "{name}, {state}. Today: {hours}. {booking}."
    ),
}
