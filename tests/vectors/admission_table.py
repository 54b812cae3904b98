"""What the admission rule must say, written by hand from the rules' words; nothing is computed.

Rules stand as they go over the wire, times are those of the city. 22 November 2026 is a Sunday.
Each case names what it expects: the verdict; of a refusal the reason, the kind of the condition
that failed, from when it would work and what staff read; of an admission what it is counted on, for
how many, and the lines of the price in fen.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]

GANZHOU, ZHANGGONG, JIANGXI = 360700, 360702, 360000
SHANGHAI, JIANGSU, ZHEJIANG, ANHUI = 310000, 320000, 330000, 340000
NINGBO, HUZHOU, JIASHAN, JIAXING = 330200, 330500, 330421, 330400
SICHUAN, CHENGDU, WUHOU, CHONGQING = 510000, 510100, 510107, 500000
MUSEUM, PARK, LIBRARY, BUS, EXAM_HALL, GYM = 1, 2, 3, 4, 5, 6


def words(zh: str, en: str) -> Json:
    return {"zh": zh, "en": en}


def rules(**changed: Any) -> Json:
    return {
        "version": 2,
        "scene": "any",
        "regions": None,
        "representative_allowed": False,
        "unauthenticated_card": "refuse",
        "required_function": None,
        "conditions": [],
        "region_rules": {"home": None, "agreements": []},
        "prices": {"products": [], "rules": []},
        "entry_product": None,
        **changed,
    }


def age(least: int, most: int | None = None) -> Json:
    return {"kind": "age", "ages": {"least": least, "most": most}}


def category(*codes: str) -> Json:
    return {"kind": "category", "categories": sorted(codes)}


def any_of(*conditions: Json) -> Json:
    return {"kind": "any_of", "conditions": list(conditions)}


def all_of(*conditions: Json) -> Json:
    return {"kind": "all_of", "conditions": list(conditions)}


def booking(
    *, area: str | None = None, early: int = 0, late: int = 0, late_from: str = "end"
) -> Json:
    return {
        "kind": "booking",
        "area": area,
        "early_minutes": early,
        "late_minutes": late,
        "late_from": late_from,
    }


def held_pass(*products: str) -> Json:
    return {"kind": "pass", "products": sorted(products) or None}


def days(first: str, last: str | None = None) -> Json:
    return {"first": first, "last": last}


def partner(region: int, first: str, last: str | None = None, *, excluded: bool = False) -> Json:
    return {"region": region, "days": days(first, last), "excluded": excluded}


def agreement(code: str, *partners: Json, **changed: Any) -> Json:
    return {
        "code": code,
        "name": words("协议", "Agreement"),
        "partners": list(partners),
        "scenes": None,
        "ages": None,
        "categories": None,
        **changed,
    }


def product(code: str, fen: int) -> Json:
    return {"code": code, "name": words("票", "Ticket"), "base_fen": fen}


def percent(code: str, share: int, *conditions: Json, **changed: Any) -> Json:
    return _price_rule(code, {"kind": "percent", "percent": share}, conditions, changed)


def off(code: str, fen: int, *conditions: Json, **changed: Any) -> Json:
    return _price_rule(code, {"kind": "off", "fen": fen}, conditions, changed)


def fixed(code: str, fen: int, *conditions: Json, **changed: Any) -> Json:
    return _price_rule(code, {"kind": "fixed", "fen": fen}, conditions, changed)


def _price_rule(code: str, effect: Json, conditions: tuple[Json, ...], changed: Json) -> Json:
    return {
        "code": code,
        "words": words("优惠", "Concession"),
        "conditions": list(conditions),
        "effect": effect,
        "products": None,
        "stacks": False,
        **changed,
    }


LOCAL, IN_PERSON = {"kind": "local"}, {"kind": "in_person"}
WEEK = {"days": [[], *[["09:00-17:00"]] * 6], "holiday": ["09:00-17:00"]}
MUSEUM_HOURS = {
    "kind": "open",
    "calendar": {
        "version": 1,
        "week": WEEK,
        "seasons": [],
        "shifts": {"2026-10-05": "holiday"},
        "special_days": {"2026-11-28": ["09:00-12:00", "19:00-26:00"]},
        "closures": [{"first": "2026-12-07", "last": "2026-12-11", "why": None}],
        "last_entry_minutes": 30,
    },
}
YANGTZE = agreement(
    "yangtze-delta",
    partner(SHANGHAI, "2026-01-01"),
    partner(JIANGSU, "2026-01-01"),
    partner(ZHEJIANG, "2026-01-01"),
    partner(ANHUI, "2026-01-01", "2026-11-22"),
    scenes=["museum", "library", "transit"],
)
ELDER_PASS = agreement(
    "elder-pass",
    partner(NINGBO, "2026-01-01", "2026-12-31"),
    partner(HUZHOU, "2027-01-01"),
    scenes=["transit"],
    ages={"least": 60, "most": None},
)


def item(version: int, first: str, *scenes: str, code: str = "visits", **changed: Any) -> Json:
    plain = {"code": code, "version": version, "days": days(first)}
    return {**plain, "scenes": sorted(scenes), "ages": None, **changed}


def side(region: int, *items: Json) -> Json:
    return {"region": region, "items": list(items)}


# Sichuan and Chongqing: the second version adds libraries, and Sichuan alone lists it so far.
VISITS, VISITS_2 = item(1, "2026-01-01", "museum"), item(2, "2026-07-01", "museum", "library")
BUSES = item(1, "2027-01-01", "transit", code="buses")
SCENIC = item(1, "2026-01-01", "sight", code="sights")


def mutual(ours: Json, theirs: Json) -> Json:
    return agreement(
        "sichuan-chongqing",
        partner(SICHUAN, "2025-01-01"),
        listed={"sides": [ours, theirs]},
    )


PENDING = mutual(side(CHONGQING, VISITS, BUSES, SCENIC), side(SICHUAN, VISITS, VISITS_2, BUSES))
AGREED = mutual(side(CHONGQING, VISITS, VISITS_2, BUSES), side(SICHUAN, VISITS, VISITS_2, BUSES))
WITHDRAWN = mutual(side(CHONGQING, VISITS, VISITS_2), side(SICHUAN, BUSES))

RULES: Mapping[str, Json] = {
    "open to all": rules(),
    "museum": rules(
        scene="museum",
        conditions=[
            MUSEUM_HOURS,
            any_of(booking(early=15), held_pass("year"), all_of(age(70), IN_PERSON)),
        ],
    ),
    "no paper": rules(paper_entries=0),
    "paper twice": rules(paper_entries=2),
    "asks a challenge": rules(challenge=True),
    "museum of the province": rules(scene="museum", regions=[JIANGXI], conditions=[MUSEUM_HOURS]),
    # The fares of a county's buses: everybody 95 %, pupils of 6 to 14 80 %, 60 to 69 half price,
    # 70 and over free in person, 爱心 card holders half price or free; a ride costs 2 yuan.
    "bus": rules(
        scene="transit",
        representative_allowed=True,
        region_rules={"home": GANZHOU, "agreements": [ELDER_PASS]},
        prices={
            "products": [product("ride", 200)],
            "rules": [
                percent("everybody", 95),
                percent("pupil", 80, age(6, 14), category("full_time_student")),
                percent("senior-60", 50, age(60), LOCAL),
                percent("senior-70", 0, age(70), LOCAL, IN_PERSON),
                percent("care-half", 50, category("minimum_living")),
                percent("care-free", 0, category("disabled"), IN_PERSON),
            ],
        },
        entry_product="ride",
    ),
    "library": rules(scene="library"),
    "lending": rules(
        scene="lending",
        conditions=[LOCAL],
        region_rules={"home": GANZHOU, "agreements": [YANGTZE]},
    ),
    "canteen": rules(scene="dining", conditions=[category("elder_meal")]),
    **{
        f"delta {scene}": rules(
            scene=scene,
            conditions=[LOCAL],
            region_rules={"home": GANZHOU, "agreements": [YANGTZE]},
        )
        for scene in ("museum", "library", "transit", "medical")
    },
    **{
        f"metro {scene}": rules(
            scene=scene,
            conditions=[LOCAL],
            region_rules={
                "home": GANZHOU,
                "agreements": [
                    agreement(
                        "metro-area", partner(JIAXING, "2026-01-01"), scenes=["education", "museum"]
                    )
                ],
            },
        )
        for scene in ("education", "medical", "museum")
    },
    **{
        f"{name} {scene}": rules(
            scene=scene,
            conditions=[LOCAL],
            region_rules={"home": CHONGQING, "agreements": [lists]},
        )
        for name, lists in (
            ("pending", PENDING),
            ("agreed", AGREED),
            ("withdrawn", WITHDRAWN),
            ("unlisted", agreement("x", partner(SICHUAN, "2025-01-01"), listed={"sides": []})),
        )
        for scene in ("museum", "library", "transit", "sight")
    },
    "nearest level": rules(
        scene="museum",
        conditions=[LOCAL],
        region_rules={
            "home": GANZHOU,
            "agreements": [
                agreement("province", partner(SICHUAN, "2026-01-01")),
                agreement("not the city", partner(CHENGDU, "2026-01-01", excluded=True)),
                agreement("but the county", partner(WUHOU, "2026-01-01")),
            ],
        },
    ),
    "one level in two minds": rules(
        conditions=[LOCAL],
        region_rules={
            "home": None,
            "agreements": [
                agreement("a-takes", partner(CHENGDU, "2026-01-01")),
                agreement("b-excludes", partner(CHENGDU, "2026-01-01", excluded=True)),
            ],
        },
    ),
    "exam": rules(
        scene="exam",
        conditions=[
            IN_PERSON,
            booking(area="room-3", early=30, late=15, late_from="start"),
        ],
    ),
    "gym": rules(
        scene="sports",
        conditions=[
            {"kind": "entries_today", "most": 2},
            {"kind": "since_last_entry", "minutes": 30},
            {"kind": "not_inside", "passback": "hard"},
            {"kind": "not_full", "capacity": 300},
        ],
    ),
    "soft gym": rules(scene="sports", conditions=[{"kind": "not_inside", "passback": "soft"}]),
    "sights by pass": rules(scene="sight", conditions=[held_pass("bundle", "three-times")]),
    "fair": rules(
        conditions=[{"kind": "days", "days": days("2026-11-25", "2026-11-30")}],
        representative_allowed=True,
        unauthenticated_card="look",
    ),
    "park": rules(
        scene="sight",
        region_rules={"home": GANZHOU, "agreements": []},
        prices={
            "products": [product("entry", 8000), product("year", 20000)],
            "rules": [
                percent("half", 50, age(60)),
                fixed("locals", 4500, LOCAL, products=["entry"]),
                percent(
                    "autumn",
                    90,
                    {"kind": "days", "days": days("2026-11-01", "2026-11-30")},
                    stacks=True,
                ),
                off("code", 333, stacks=True, products=["entry"]),
                percent("veteran", 0, category("veteran")),
            ],
        },
        entry_product="entry",
    ),
    "paid hall": rules(
        conditions=[any_of(held_pass("year"), age(60))],
        prices={"products": [product("entry", 3000)], "rules": []},
        entry_product="entry",
    ),
    "sights with family": rules(representative_allowed=True, conditions=[held_pass()]),
    "small room": rules(conditions=[booking(early=15), {"kind": "not_full", "capacity": 10}]),
    "two passes": rules(conditions=[held_pass("bundle"), held_pass("three-times")]),
    "odd fen": rules(
        prices={
            "products": [product("entry", 101)],
            "rules": [
                percent("a-half", 50, stacks=True),
                percent("b-half", 50, stacks=True),
            ],
        },
        entry_product="entry",
    ),
}

ADULT = {"medium": "ecode", "region": ZHANGGONG, "authenticated": True, "ages": [18, 59]}
CARD = {"medium": "card", "region": GANZHOU, "authenticated": True}
SLOT: Json = {
    "booking_id": "b1",
    "venue": MUSEUM,
    "starts_at": "2026-11-24T10:30+08:00",
    "ends_at": "2026-11-24T12:00+08:00",
    "quantity": 1,
    "entered": 0,
    "area": None,
}
THREE_TIMES: Json = {
    "pass_id": "p1",
    "product": "three-times",
    "days": days("2026-11-01", "2026-12-31"),
    "venues": None,
    "uses": 3,
    "used": 0,
    "blackouts": [],
    "personal": True,
}
BUNDLE: Json = {
    **THREE_TIMES,
    "pass_id": "p2",
    "product": "bundle",
    "venues": [MUSEUM, PARK],
    "uses": None,
    "blackouts": [days("2026-12-30", "2026-12-31"), days("2026-11-24", "2026-11-25")],
}
TUESDAY = "2026-11-24T10:20+08:00"


def case(name: str, of: str, evidence: Json, now: str, expect: Json, **around: Any) -> Json:
    return {
        "name": name,
        "rules": of,
        "evidence": evidence,
        "around": {"now": now, "venue": MUSEUM, **around},
        "expect": expect,
    }


def admitted(verdict: str = "admit", **expected: Any) -> Json:
    return {"verdict": verdict, "failed": None, **expected}


def refused(reason: str, failed: str, **expected: Any) -> Json:
    return {"verdict": "refuse", "reason": reason, "failed": failed, **expected}


def time_and_bookings() -> Iterator[Json]:
    early = refused(
        "booking_too_early",
        "booking",
        works_at="2026-11-24T10:15+08:00",
        zh="10:30 场，10:15 起",
        en="Slot 10:30; come from 10:15",
    )
    booked = {"bookings": [SLOT]}
    on_slot = admitted(counted_on=["b1"], zh="请进 · 已预约")
    yield case("slot-early", "museum", ADULT, "2026-11-24T10:14:59+08:00", early, **booked)
    yield case("slot-tolerance", "museum", ADULT, "2026-11-24T10:15+08:00", on_slot, **booked)
    yield case("slot-last", "museum", ADULT, "2026-11-24T11:59:59+08:00", on_slot, **booked)
    yield case(
        "slot-over",
        "museum",
        ADULT,
        "2026-11-24T12:00+08:00",
        refused("booking_too_late", "booking", en="Slot over (12:00)"),
        **booked,
    )
    yield case(
        "slot-of-another-venue",
        "museum",
        ADULT,
        TUESDAY,
        refused("booking_needed", "booking", zh="没有本馆预约"),
        bookings=[{**SLOT, "venue": PARK}],
    )
    yield case(
        "no-booking-on-a-closed-day",
        "museum",
        ADULT,
        "2026-11-23T10:00+08:00",
        refused("booking_needed", "booking"),
    )
    yield case(
        "closed-day-and-a-slot-tomorrow-is-told-the-slot",
        "museum",
        ADULT,
        "2026-11-23T10:00+08:00",
        refused(
            "booking_too_early",
            "booking",
            works_at="2026-11-24T10:15+08:00",
            en="Slot tomorrow 10:30; come from tomorrow 10:15",
        ),
        **booked,
    )
    elder = {**ADULT, "ages": [70, None]}
    yield case(
        "elder-before-opening",
        "museum",
        elder,
        "2026-11-24T08:59:59+08:00",
        refused("not_open", "open", works_at="2026-11-24T09:00+08:00", en="Closed; opens 09:00"),
    )
    yield case(
        "elder-on-monday",
        "museum",
        elder,
        "2026-11-23T10:00+08:00",
        refused(
            "not_open", "open", zh="未开放，明天 09:00 开门", en="Closed; opens tomorrow 09:00"
        ),
    )
    yield case(
        "elder-after-the-last-entry",
        "museum",
        elder,
        "2026-11-22T16:30+08:00",
        refused(
            "last_entry_passed",
            "open",
            works_at="2026-11-24T09:00+08:00",
            en="Last entry passed; opens 24 Nov 09:00",
        ),
    )
    yield case("elder-past-midnight", "museum", elder, "2026-11-29T01:29:59+08:00", admitted())
    yield case(
        "elder-during-a-closure",
        "museum",
        elder,
        "2026-12-08T10:00+08:00",
        refused("not_open", "open", works_at="2026-12-12T09:00+08:00"),
    )
    yield case("elder-on-a-holiday-monday", "museum", elder, "2026-10-05T10:00+08:00", admitted())
    yield case(
        "free-elder-keeps-the-pass-unused",
        "museum",
        elder,
        TUESDAY,
        admitted(counted_on=[]),
        passes=[{**THREE_TIMES, "product": "year"}],
    )
    yield case(
        "booking-before-a-counted-pass",
        "museum",
        ADULT,
        TUESDAY,
        admitted(counted_on=["b1"]),
        passes=[{**THREE_TIMES, "product": "year"}],
        **booked,
    )


def parties() -> Iterator[Json]:
    family = {**SLOT, "quantity": 4}
    yield case(
        "family-of-four",
        "museum",
        ADULT,
        TUESDAY,
        admitted(counted_on=["b1"], admits=4),
        bookings=[family],
        party=4,
    )
    yield case(
        "one-too-many",
        "museum",
        ADULT,
        TUESDAY,
        admitted("look", counted_on=["b1"], admits=3, zh="请进 · 3 人"),
        bookings=[{**family, "entered": 1}],
        party=4,
    )
    yield case(
        "all-are-in",
        "museum",
        ADULT,
        TUESDAY,
        refused("already_used", "booking", en="4 of 4 already in"),
        bookings=[{**family, "entered": 4}],
    )
    yield case(
        "room-for-two",
        "gym",
        ADULT,
        TUESDAY,
        admitted("look", admits=2),
        party=5,
        people_inside=298,
    )


def what_it_is_counted_on() -> Iterator[Json]:
    elder = {**ADULT, "ages": [65, 69]}
    year = {**THREE_TIMES, "product": "year"}
    yield case(
        "a-pass-is-used-rather-than-paying",
        "paid hall",
        elder,
        TUESDAY,
        admitted(counted_on=["p1"], total=None),
        passes=[year],
    )
    yield case(
        "without-a-pass-the-elder-pays",
        "paid hall",
        elder,
        TUESDAY,
        admitted(counted_on=[], total=3000, zh="请进 · ¥30.00"),
    )
    yield case(
        "the-smallest-of-booking-and-room",
        "small room",
        ADULT,
        TUESDAY,
        admitted("look", admits=2),
        bookings=[{**SLOT, "quantity": 3}],
        party=4,
        people_inside=8,
    )
    shown = {**ADULT, "represented": True}
    yield case(
        "personal-pass-not-by-a-representative",
        "sights with family",
        shown,
        TUESDAY,
        refused("pass_personal", "pass"),
        passes=[THREE_TIMES],
    )
    yield case(
        "transferable-pass-by-a-representative",
        "sights with family",
        shown,
        TUESDAY,
        admitted("look", counted_on=["p1"]),
        passes=[{**THREE_TIMES, "personal": False}],
    )
    yield case(
        "blackouts-in-no-order",
        "sights by pass",
        ADULT,
        TUESDAY,
        refused("pass_blackout", "pass", works_at="2026-11-28T00:00+08:00"),
        passes=[
            {
                **THREE_TIMES,
                "blackouts": [days("2026-11-26", "2026-11-27"), days("2026-11-24", "2026-11-25")],
            }
        ],
    )
    yield case(
        "both-passes-in-one-order",
        "two passes",
        ADULT,
        "2026-11-26T10:00+08:00",
        admitted(counted_on=["p1", "p2"]),
        passes=[BUNDLE, THREE_TIMES],
    )


def exam() -> Iterator[Json]:
    seat = {
        **SLOT,
        "venue": EXAM_HALL,
        "area": "room-3",
        "starts_at": "2026-11-28T09:00+08:00",
        "ends_at": "2026-11-28T11:30+08:00",
    }
    hall = {"venue": EXAM_HALL, "bookings": [seat]}
    good = admitted(counted_on=["b1"])
    late = refused("booking_too_late", "booking", en="Slot over (09:15)")
    yield case("exam-in-time", "exam", ADULT, "2026-11-28T08:30+08:00", good, **hall)
    yield case("exam-15-minutes-late", "exam", ADULT, "2026-11-28T09:15+08:00", late, **hall)
    yield case(
        "exam-second-check-in",
        "exam",
        ADULT,
        "2026-11-28T08:40+08:00",
        refused("already_used", "booking", zh="已入场 1 人，共 1 人"),
        venue=EXAM_HALL,
        bookings=[{**seat, "entered": 1}],
    )
    yield case(
        "exam-other-room",
        "exam",
        ADULT,
        "2026-11-28T08:40+08:00",
        refused("booking_needed", "booking"),
        venue=EXAM_HALL,
        bookings=[{**seat, "area": "room-4"}],
    )
    yield case(
        "exam-by-a-representative",
        "exam",
        {**ADULT, "represented": True},
        "2026-11-28T08:40+08:00",
        refused("representative_not_allowed", "in_person"),
        **hall,
    )


def passes() -> Iterator[Json]:
    of = "sights by pass"
    used_up = refused("pass_used_up", "pass", en="3 uses used of 3", zh="通票 3 次已用 3 次")
    yield case("no-pass", of, ADULT, TUESDAY, refused("pass_needed", "pass"))
    yield case(
        "first-use",
        of,
        ADULT,
        TUESDAY,
        admitted(counted_on=["p1"], zh="请进 · 通票余 2 次"),
        passes=[THREE_TIMES],
    )
    yield case(
        "last-use",
        of,
        ADULT,
        TUESDAY,
        admitted(counted_on=["p1"], zh="请进 · 通票余 0 次"),
        passes=[{**THREE_TIMES, "used": 2}],
    )
    yield case("used-up", of, ADULT, TUESDAY, used_up, passes=[{**THREE_TIMES, "used": 3}])
    yield case(
        "more-used-than-there-are",
        of,
        ADULT,
        TUESDAY,
        refused("pass_used_up", "pass"),
        passes=[{**THREE_TIMES, "used": 5}],
    )
    yield case(
        "unlimited-before-counted",
        of,
        ADULT,
        "2026-11-26T10:00+08:00",
        admitted(counted_on=["p2"], zh="请进 · 通票"),
        passes=[THREE_TIMES, BUNDLE],
    )
    yield case(
        "blackout",
        of,
        ADULT,
        TUESDAY,
        refused("pass_blackout", "pass", works_at="2026-11-26T00:00+08:00"),
        passes=[BUNDLE],
    )
    yield case(
        "blackout-to-the-end",
        of,
        ADULT,
        "2026-12-30T10:00+08:00",
        refused("pass_expired", "pass", en="Pass ended 2026-12-31"),
        passes=[BUNDLE],
    )
    yield case(
        "not-yet",
        of,
        ADULT,
        "2026-10-31T23:59:59+08:00",
        refused("pass_not_yet", "pass", en="Pass starts tomorrow 00:00"),
        passes=[THREE_TIMES],
    )
    yield case(
        "last-day",
        of,
        ADULT,
        "2026-12-31T23:59:59+08:00",
        admitted(counted_on=["p1"]),
        passes=[THREE_TIMES],
    )
    yield case(
        "expired",
        of,
        ADULT,
        "2027-01-01T00:00+08:00",
        refused("pass_expired", "pass"),
        passes=[THREE_TIMES],
    )
    yield case(
        "not-in-the-bundle",
        of,
        ADULT,
        "2026-11-26T10:00+08:00",
        refused("pass_other_venue", "pass"),
        venue=LIBRARY,
        passes=[BUNDLE],
    )
    yield case(
        "another-product",
        of,
        ADULT,
        TUESDAY,
        refused("pass_needed", "pass"),
        passes=[{**THREE_TIMES, "product": "swimming"}],
    )
    yield case(
        "used-up-here-and-not-good-there",
        of,
        ADULT,
        TUESDAY,
        used_up,
        venue=LIBRARY,
        passes=[{**THREE_TIMES, "used": 3}, BUNDLE],
    )


def scenes() -> Iterator[Json]:
    """One holder at several scenes (S22), and cards of other provinces (S55)."""
    visitor = {**ADULT, "region": CHENGDU}
    no_meal = refused("category_not_held", "category", zh="不在优待人群")
    yield case("one-holder-bus", "bus", ADULT, TUESDAY, admitted(), venue=BUS)
    yield case("one-holder-library", "library", ADULT, TUESDAY, admitted(), venue=LIBRARY)
    yield case("one-holder-canteen", "canteen", ADULT, TUESDAY, no_meal)
    meal = {**ADULT, "categories": [["elder_meal", "2026-11-24"]]}
    yield case("canteen-on-the-last-day", "canteen", meal, "2026-11-24T23:59+08:00", admitted())
    yield case(
        "canteen-the-day-after",
        "canteen",
        meal,
        "2026-11-25T00:00+08:00",
        refused("category_expired", "category", en="Concession ended 2026-11-24"),
    )
    yield case("foreign-card-enters", "library", visitor, TUESDAY, admitted(), venue=LIBRARY)
    yield case(
        "foreign-card-does-not-borrow",
        "lending",
        visitor,
        TUESDAY,
        refused("not_local", "local", zh="510100 的卡不享同城待遇"),
        venue=LIBRARY,
    )
    yield case("own-card-borrows", "lending", ADULT, TUESDAY, admitted(), venue=LIBRARY)


def mutual_lists() -> Iterator[Json]:
    """What Sichuan and Chongqing recognise by the lists of both (S129)."""
    holder = {**ADULT, "region": CHENGDU}
    waits = refused(
        "local_pending", "local", zh="510100 的同城待遇待双方确认",
        en="Local benefits for 510100 await both sides",
    )  # fmt: skip
    buses = refused("not_local_yet", "local", works_at="2027-01-01T00:00+08:00")
    none = refused("not_local", "local")
    for lists, answers in {
        # Changed on one side: the old version stands, the new one waits.
        "pending": {"museum": admitted(), "library": waits, "transit": buses, "sight": waits},
        "agreed": {"museum": admitted(), "library": admitted(), "transit": buses, "sight": none},
        "withdrawn": {"museum": waits, "library": waits, "transit": waits, "sight": none},
        "unlisted": dict.fromkeys(("museum", "library", "transit", "sight"), none),
    }.items():
        for scene, answer in answers.items():
            yield case(f"both-list-{lists}-{scene}", f"{lists} {scene}", holder, TUESDAY, answer)
    before = "2026-06-30T23:59+08:00"
    later = refused("not_local_yet", "local", works_at="2026-07-01T00:00+08:00")
    yield case("both-list-old-version-before-its-end", "agreed museum", holder, before, admitted())
    yield case("both-list-new-version-not-yet", "agreed library", holder, before, later)
    new_year = "2027-01-01T00:00+08:00"
    yield case("both-list-buses-begin", "agreed transit", holder, new_year, admitted())
    other = {**ADULT, "region": SHANGHAI}
    yield case("both-list-not-theirs", "agreed museum", other, TUESDAY, none)


def alliance() -> Iterator[Json]:
    """Each region of the Yangtze delta at each scene (S128), and dates of its members (S127)."""
    regions = {"shanghai": SHANGHAI, "nanjing": 320100, "ningbo": NINGBO, "hefei": 340100}
    for name, region in regions.items():
        holder = {**ADULT, "region": region}
        for scene, covered in (
            ("museum", True),
            ("library", True),
            ("transit", True),
            ("medical", False),
        ):
            yield case(
                f"{name}-{scene}",
                f"delta {scene}",
                holder,
                "2026-11-22T10:00+08:00",
                admitted() if covered else refused("not_local", "local"),
            )
    outside = {**ADULT, "region": CHENGDU}
    yield case("outside", "delta museum", outside, TUESDAY, refused("not_local", "local"))
    hefei = {**ADULT, "region": 340100}
    yield case("member-last-day", "delta museum", hefei, "2026-11-22T23:59:59+08:00", admitted())
    yield case(
        "member-left",
        "delta museum",
        hefei,
        "2026-11-23T00:00+08:00",
        refused("no_longer_local", "local", en="Local benefits ended 2026-11-22"),
    )
    shanghai = {**ADULT, "region": SHANGHAI}
    yield case(
        "member-before-it-begins",
        "delta museum",
        shanghai,
        "2025-12-31T23:59+08:00",
        refused("not_local_yet", "local", works_at="2026-01-01T00:00+08:00"),
    )
    yield case("province", "nearest level", {**ADULT, "region": 510700}, TUESDAY, admitted())
    yield case(
        "city-is-excluded",
        "nearest level",
        {**ADULT, "region": 510104},
        TUESDAY,
        refused("not_local", "local"),
    )
    yield case("county-is-back", "nearest level", {**ADULT, "region": WUHOU}, TUESDAY, admitted())
    yield case(
        "exclusion-wins-at-one-level",
        "one level in two minds",
        {**ADULT, "region": CHENGDU},
        TUESDAY,
        refused("not_local", "local"),
    )
    inside, elsewhere = {**ADULT, "region": JIASHAN}, {**ADULT, "region": CHENGDU}
    for scene, covered in (("education", True), ("medical", False), ("museum", True)):
        shared = admitted() if covered else refused("not_local", "local")
        yield case(f"metro-{scene}-inside", f"metro {scene}", inside, TUESDAY, shared)
        yield case(
            f"metro-{scene}-outside",
            f"metro {scene}",
            elsewhere,
            TUESDAY,
            refused("not_local", "local"),
        )


def fares() -> Iterator[Json]:
    """The concession classes of a bus line (S47) and the elder pass 敬老通 (S132)."""

    def ride(name: str, evidence: Json, now: str, rule: str, fen: int, **more: Any) -> Json:
        lines = [["ride", 200], [rule, fen - 200]]
        return case(name, "bus", evidence, now, admitted(lines=lines, total=fen, **more), venue=BUS)

    holder = {**ADULT, "ages": None}
    for turn, before, after in (
        (60, ("everybody", 190), ("senior-60", 100)),
        (70, ("senior-60", 100), ("senior-70", 0)),
    ):
        born = {**holder, "birth": f"{2026 - turn}-11-24"}
        yield ride(f"day-before-{turn}", born, "2026-11-23T23:59:59+08:00", *before)
        yield ride(f"birthday-{turn}", born, "2026-11-24T00:00+08:00", *after)
        yield ride(f"day-after-{turn}", born, "2026-11-25T00:00+08:00", *after)
    leap = {**holder, "birth": "1956-02-29"}
    yield ride("leap-day-before-70", leap, "2026-02-27T23:59+08:00", "senior-60", 100)
    yield ride("leap-day-70", leap, "2026-02-28T00:00+08:00", "senior-70", 0, zh="请进 · 免费")

    pupil = {**holder, "birth": "2012-11-24", "categories": [["full_time_student", None]]}
    yield ride("pupil-13", pupil, "2026-11-23T12:00+08:00", "pupil", 160, zh="请进 · 优惠 ¥1.60")
    yield ride("pupil-14", pupil, "2026-11-24T12:00+08:00", "pupil", 160)
    yield ride("pupil-15", pupil, "2027-11-24T12:00+08:00", "everybody", 190)
    unattested = {**pupil, "categories": []}
    yield ride("child-without-attestation", unattested, TUESDAY, "everybody", 190)
    ended = {**pupil, "categories": [["full_time_student", "2026-08-31"]]}
    yield ride("attestation-ended", ended, "2026-11-23T12:00+08:00", "everybody", 190)
    poor_elder = {**ADULT, "ages": [65, 69], "categories": [["minimum_living", None]]}
    yield ride("two-classes-at-one-price", poor_elder, TUESDAY, "care-half", 100)
    disabled = {**ADULT, "categories": [["minimum_living", None], ["disabled", None]]}
    yield ride("two-classes-the-better", disabled, TUESDAY, "care-free", 0)
    band = {**ADULT, "ages": [70, None]}
    yield ride("by-the-band-of-a-code", band, TUESDAY, "senior-70", 0)
    shown = {**band, "represented": True}
    yield ride(
        "free-ride-not-by-a-representative", shown, TUESDAY, "senior-60", 100, verdict="look"
    )
    unknown = {**CARD, "ages": None}
    yield ride("card-that-tells-no-age", unknown, TUESDAY, "everybody", 190)

    ningbo = {**band, "region": NINGBO}
    yield ride("elder-pass", ningbo, TUESDAY, "senior-70", 0)
    yield ride("elder-pass-last-day", ningbo, "2026-12-31T23:59+08:00", "senior-70", 0)
    yield ride("elder-pass-ended", ningbo, "2027-01-01T00:00+08:00", "everybody", 190)
    yield ride(
        "too-young-for-the-elder-pass", {**ADULT, "region": NINGBO}, TUESDAY, "everybody", 190
    )
    huzhou = {**band, "region": HUZHOU}
    yield ride("elder-pass-not-begun", huzhou, "2026-12-31T23:59+08:00", "everybody", 190)
    yield ride("elder-pass-begun", huzhou, "2027-01-01T00:00+08:00", "senior-70", 0)
    turning = {**holder, "region": NINGBO, "birth": "1956-11-24"}
    yield ride("elder-pass-day-before-70", turning, "2026-11-23T23:59:59+08:00", "senior-60", 100)
    yield ride("elder-pass-birthday-70", turning, "2026-11-24T00:00+08:00", "senior-70", 0)


def prices() -> Iterator[Json]:
    """Concessions that stack and that do not (S52): half of 80 is 40, less than 45 for locals."""

    def entry(name: str, evidence: Json, now: str, *lines: tuple[str, int], total: int) -> Json:
        shown = [["entry", 8000], *map(list, lines)]
        return case(name, "park", evidence, now, admitted(lines=shown, total=total), venue=PARK)

    outside = {**ADULT, "region": CHENGDU}
    december = "2026-12-01T10:00+08:00"
    yield entry("visitor", outside, december, ("code", -333), total=7667)
    yield entry("visitor-in-autumn", outside, TUESDAY, ("autumn", -800), ("code", -333), total=6867)
    yield entry(
        "local-in-autumn",
        ADULT,
        TUESDAY,
        ("locals", -3500),
        ("autumn", -450),
        ("code", -333),
        total=3717,
    )
    elder = {**ADULT, "ages": [65, 69]}
    yield entry("elder-in-winter", elder, december, ("half", -4000), ("code", -333), total=3667)
    veteran = {**elder, "categories": [["veteran", None]]}
    yield entry("veteran", veteran, TUESDAY, ("veteran", -8000), total=0)
    yield case(
        "rounded-once-for-the-holder",
        "odd fen",
        ADULT,
        TUESDAY,
        admitted(lines=[["entry", 101], ["a-half", -51], ["b-half", -25]], total=25),
    )


def before_and_inside() -> Iterator[Json]:
    last = "2026-11-24T10:00:30+08:00"
    yield case("gym", "gym", ADULT, TUESDAY, admitted(admits=1))
    yield case(
        "third-entry",
        "gym",
        ADULT,
        TUESDAY,
        refused(
            "entries_used_up",
            "entries_today",
            works_at="2026-11-25T00:00+08:00",
            en="2 of 2 entries today",
        ),
        entries_today=2,
    )
    yield case(
        "just-now",
        "gym",
        ADULT,
        TUESDAY,
        refused(
            "too_soon",
            "since_last_entry",
            works_at="2026-11-24T10:30:30+08:00",
            en="Entered just now; again from 10:31",
        ),
        entries_today=1,
        last_entry=last,
    )
    yield case(
        "half-an-hour-later",
        "gym",
        ADULT,
        "2026-11-24T10:30:30+08:00",
        admitted(),
        entries_today=1,
        last_entry=last,
    )
    yield case(
        "both-told-the-longer",
        "gym",
        ADULT,
        TUESDAY,
        refused("entries_used_up", "entries_today"),
        entries_today=2,
        last_entry=last,
    )
    yield case(
        "inside-hard", "gym", ADULT, TUESDAY, refused("already_inside", "not_inside"), inside=True
    )
    yield case(
        "inside-soft",
        "soft gym",
        ADULT,
        TUESDAY,
        admitted("look", reason="already_inside"),
        inside=True,
    )
    yield case(
        "full",
        "gym",
        ADULT,
        TUESDAY,
        refused("area_full", "not_full", en="Full 300/300"),
        people_inside=300,
    )
    yield case("last-place", "gym", ADULT, TUESDAY, admitted(), people_inside=299)
    yield case("not-counted-is-not-full", "gym", ADULT, TUESDAY, admitted(), people_inside=None)


def cards_and_regions() -> Iterator[Json]:
    unproven = {**CARD, "authenticated": False}
    during = "2026-11-25T00:00+08:00"
    yield case("genuine-card", "open to all", CARD, TUESDAY, admitted())
    yield case(
        "unproven-card",
        "open to all",
        unproven,
        TUESDAY,
        refused("card_not_authenticated", "genuine_card"),
    )
    yield case(
        "unproven-card-looked-at",
        "fair",
        unproven,
        during,
        admitted("look", reason="card_not_authenticated"),
    )
    yield case(
        "fair-not-begun",
        "fair",
        ADULT,
        "2026-11-24T23:59:59+08:00",
        refused("scene_not_begun", "days", works_at=during, en="Begins tomorrow 00:00"),
    )
    yield case(
        "fair-over",
        "fair",
        ADULT,
        "2026-12-01T00:00+08:00",
        refused("scene_ended", "days", en="Ended 2026-11-30"),
    )
    outside = {**ADULT, "region": CHENGDU}
    yield case(
        "wrong-region-is-told-before-closed",
        "museum of the province",
        outside,
        "2026-11-23T10:00+08:00",
        refused("region_not_accepted", "region", zh="本馆不收 510100 的卡"),
    )
    yield case(
        "closed-is-told-to-whom-it-opens-for",
        "museum of the province",
        ADULT,
        "2026-11-23T10:00+08:00",
        refused("not_open", "open"),
    )
    yield case(
        "representative-is-looked-at",
        "fair",
        {**ADULT, "represented": True},
        during,
        admitted("look"),
    )


def on_paper() -> Iterator[Json]:
    """Looked at, once a day where the venue says nothing, never where it asks a challenge."""
    paper, during = {**ADULT, "medium": "paper"}, "2026-11-24T10:20+08:00"
    again = "2026-11-25T00:00+08:00"
    used_up = refused(
        "entries_used_up",
        "paper",
        works_at=again,
        zh="今天已入场 1 次，限 1 次",
        en="1 of 1 entries today",
    )
    looked_at = admitted("look", zh="请进 · 纸质码", en="Come in · paper code", admits=1)
    no_paper = refused("paper_not_allowed", "paper", zh="此处不收纸质码")
    yield case("paper-is-looked-at", "open to all", paper, during, looked_at)
    yield case("paper-a-second-time", "open to all", paper, during, used_up, entries_today=1)
    yield case("paper-twice-a-day", "paper twice", paper, during, looked_at, entries_today=1)
    yield case(
        "paper-a-third-time",
        "paper twice",
        paper,
        during,
        refused("entries_used_up", "paper", works_at=again, en="2 of 2 entries today"),
        entries_today=2,
    )
    yield case("paper-not-taken", "no paper", paper, during, no_paper)
    yield case("paper-answers-no-challenge", "asks a challenge", paper, during, no_paper)
    yield case("a-phone-where-no-paper-is-taken", "no paper", ADULT, during, admitted())
    yield case("a-phone-comes-again", "open to all", ADULT, during, admitted(), entries_today=5)
    yield case(
        "paper-with-a-booking",
        "museum",
        paper,
        during,
        admitted("look", counted_on=["b1"], zh="请进 · 纸质码"),
        bookings=[SLOT],
    )
    yield case(
        "paper-of-a-region-that-is-not-taken",
        "museum of the province",
        {**paper, "region": CHENGDU},
        during,
        refused("region_not_accepted", "region"),
    )


def document() -> Json:
    """Return the whole file's content."""
    groups = (
        time_and_bookings(),
        parties(),
        what_it_is_counted_on(),
        exam(),
        passes(),
        scenes(),
        mutual_lists(),
        alliance(),
        fares(),
        prices(),
        before_and_inside(),
        cards_and_regions(),
        on_paper(),
    )
    return {
        "format": "admission rules, version 2",
        "rules": dict(RULES),
        "cases": [entry for group in groups for entry in group],
    }
