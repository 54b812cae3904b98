"""The part of the card office that gives out passes and keeps training vouchers, for one resident.

Written from the contract alone; the key of a request is checked before any rule.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from shared.clock import LOCAL_ZONE, Clock
from tests.mobile.booking_desk import Wire, both, refused, venue


@dataclass
class PassDesk:
    """Quotes, gives out, takes back and hands on; reserves courses."""

    clock: Clock
    products: list[Wire] = field(default_factory=list)
    passes: list[Wire] = field(default_factory=list)
    vouchers: list[Wire] = field(default_factory=list)
    discounts: dict[str, int] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    answers: dict[str, Wire] = field(default_factory=dict)
    refuse: Wire | None = None

    def add_product(self, code: str, name: str, fen: int = 0, **changes: Any) -> Wire:
        """Give something out: ten uses of a museum for half a year."""
        product = {
            "code": code,
            "kind": "USES",
            "name": both(name),
            "venues": [1],
            "goodAt": [venue(1, "赣州博物馆")],
            "uses": 10,
            "validDays": 180,
            "season": None,
            "blackouts": [],
            "daily": False,
            "perHolder": 5,
            "refundDays": 30,
            "personal": False,
            "fen": fen,
            **changes,
        }
        self.products.append(product)
        return product

    def add_pass(self, product: Wire, **changes: Any) -> Wire:
        """Enter a pass of a product."""
        today = self.clock.now().astimezone(LOCAL_ZONE).date()
        held = {
            "id": f"pass_{len(self.passes)}",
            "product": product["code"],
            "kind": product["kind"],
            "name": product["name"],
            "state": "VALID",
            "venues": product["venues"],
            "goodAt": product["goodAt"],
            "days": {
                "first": today.isoformat(),
                "last": (today + timedelta(days=product["validDays"] or 0)).isoformat(),
            },
            "blackouts": product["blackouts"],
            "uses": product["uses"],
            "left": product["uses"],
            "used": 0,
            "over": 0,
            "personal": product["personal"],
            "quantity": 1,
            "lines": [],
            "paidFen": 0,
            "reference": None,
            "refundUntil": (today + timedelta(days=30)).isoformat(),
            "issuedAt": self.clock.now().isoformat(),
            "endedAt": None,
            "offeredUntil": None,
            **changes,
        }
        self.passes.append(held)
        return held

    def add_voucher(self, **changes: Any) -> Wire:
        """Issue a voucher."""
        today = self.clock.now().astimezone(LOCAL_ZONE).date()
        voucher = {
            "id": f"voucher_{len(self.vouchers)}",
            "name": both("职业技能培训券"),
            "state": "AVAILABLE",
            "valueFen": 150_000,
            "courseTypes": ["electrician", "elder-care"],
            "firstDay": today.isoformat(),
            "lastDay": (today + timedelta(days=300)).isoformat(),
            "leastPercent": 80,
            "issuedAt": self.clock.now().isoformat(),
            "course": None,
            "heldUntil": None,
            "settlement": None,
            **changes,
        }
        self.vouchers.append(voucher)
        return voucher

    def resolvers(self) -> dict[str, Callable[..., Any]]:
        """Return what answers the fields about passes and vouchers."""
        acts = {
            "takePass": self._take,
            "refundPass": lambda given: self._become(given, state="REFUNDED"),
            "withdrawPassTransfer": lambda given: self._become(given, offeredUntil=None),
            "transferPass": self._offer,
            "acceptPass": self._accept,
            "reserveTrainingVoucher": self._reserve,
            "releaseTrainingVoucher": self._release,
        }
        page = {"hasNextPage": False, "endCursor": None}
        return {
            "passProducts": lambda _info, venue=None: [
                one for one in self.products if venue is None or venue in one["venues"]
            ],
            "quotePass": lambda _info, **given: self._quote(given),
            "passes": lambda _info, **_given: {
                "__typename": "PassConnection",
                "nodes": self.passes[::-1],
                "pageInfo": page,
            },
            "trainingVouchers": lambda _info: {
                "__typename": "TrainingVoucherList",
                "vouchers": self.vouchers,
            },
            **{name: self._once(act) for name, act in acts.items()},
        }

    def _once(self, act: Callable[[Wire], Wire]) -> Callable[..., Wire]:
        def resolve(_info: object, **given: Any) -> Wire:
            key = given["input"]["idempotencyKey"]
            self.keys.append(key)
            if key not in self.answers:
                self.answers[key] = self.refuse or act(given["input"])
            return self.answers[key]

        return resolve

    def _product(self, code: str) -> Wire:
        return next(one for one in self.products if one["code"] == code)

    def _quote(self, given: Wire) -> Wire:
        product = self._product(given["product"])
        lines = [{"rule": "base", "words": product["name"], "fen": product["fen"]}]
        lines += [
            {"rule": words, "words": both(words), "fen": fen}
            for words, fen in self.discounts.items()
        ]
        more = product["fen"] * (given["quantity"] - 1)
        if more:
            lines.append({"rule": "companions", "words": both("同行人（原价）"), "fen": more})
        return {
            "__typename": "PassQuote",
            "product": product["code"],
            "lines": lines,
            "totalFen": sum(line["fen"] for line in lines),
            "serverTime": self.clock.now().isoformat(),
        }

    def _take(self, given: Wire) -> Wire:
        product = self._product(given["product"])
        if self._quote(given)["totalFen"]:
            return refused("pass_costs", "该票要付钱。", "请到售票处。")
        day = given.get("day")
        days = {"days": {"first": day, "last": day}} if day else {}
        return self._changed(self.add_pass(product, quantity=given["quantity"], **days))

    def _become(self, given: Wire, **changes: Any) -> Wire:
        held = next(one for one in self.passes if one["id"] == given["pass"])
        held.update(changes)
        return self._changed(held)

    def _offer(self, given: Wire) -> Wire:
        until = (self.clock.now() + timedelta(hours=72)).isoformat()
        answer = self._become(given, offeredUntil=until)
        return {**answer, "__typename": "PassOffered", "invitation": "inv_abcdefgh"}

    def _accept(self, given: Wire) -> Wire:
        if given["invitation"] != "inv_theirs":
            return refused("pass_invitation_unknown", "转让邀请无效。", "请对方重新发起转让。")
        return self._changed(self.add_pass(self.products[0]))

    def _reserve(self, given: Wire) -> Wire:
        course = {
            "courseType": given["courseType"],
            "course": given["course"],
            "provider": given["provider"],
            "place": venue(given["provider"], "赣州技师学院"),
            "startsOn": given["startsOn"],
        }
        held = (self.clock.now() + timedelta(days=7)).isoformat()
        return self._voucher(given, state="RESERVED", course=course, heldUntil=held)

    def _release(self, given: Wire) -> Wire:
        return self._voucher(given, state="AVAILABLE", course=None, heldUntil=None)

    def _voucher(self, given: Wire, **changes: Any) -> Wire:
        voucher = next(one for one in self.vouchers if one["id"] == given["voucher"])
        voucher.update(changes)
        now = self.clock.now().isoformat()
        return {
            "__typename": "TrainingVoucherChanged",
            "voucher": dict(voucher),
            "serverTime": now,
        }

    def _changed(self, held: Wire) -> Wire:
        now = self.clock.now().isoformat()
        return {"__typename": "PassChanged", "pass": dict(held), "serverTime": now}
