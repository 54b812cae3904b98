"""Prices: a base by product, rules with the conditions under which they hold, lines with words.

One exclusive rule at most and every stacking rule apply: first a fixed price, then percentages,
then amounts, and the end is rounded down to a whole fen. Of the exclusive rules the one is taken
that makes the end lowest, so that no other choice or order would cost the holder less. A price is
never below 0.
"""

from dataclasses import dataclass, field
from typing import Any

from shared.admission.composition import read_conditions
from shared.admission.condition import Case, Condition, Held
from shared.admission.price_effects import (
    MAX_FEN,
    AmountOff,
    Effect,
    FixedPrice,
    PercentOfPrice,
    read_effect,
)
from shared.admission.wire_form import (
    InvalidRules,
    read_flag,
    read_list,
    read_number,
    read_object,
    read_optional,
    read_text,
    read_words,
    words_to_wire,
)
from shared.localized_text import LocalizedText

_TURNS: tuple[type[Effect], ...] = (FixedPrice, PercentOfPrice, AmountOff)


@dataclass(frozen=True, slots=True)
class PriceRule:
    """A rule that makes a price lower when all of `conditions` hold.

    `products` None is every product. A stacking rule applies beside others; a fixed price cannot.

    Raises:
        InvalidRules: a fixed price is to stack.
    """

    code: str
    words: LocalizedText
    conditions: tuple[Condition, ...]
    effect: Effect
    products: frozenset[str] | None = None
    stacks: bool = False

    def __post_init__(self) -> None:
        if self.stacks and isinstance(self.effect, FixedPrice):
            raise InvalidRules("a fixed price cannot stack")

    def applies(self, product: str, case: Case) -> bool:
        """Tell whether it holds for a product and a visitor."""
        if self.products is not None and product not in self.products:
            return False
        return all(isinstance(condition.check(case), Held) for condition in self.conditions)

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "code": self.code,
            "words": words_to_wire(self.words),
            "conditions": [condition.to_wire() for condition in self.conditions],
            "effect": self.effect.to_wire(),
            "products": None if self.products is None else sorted(self.products),
            "stacks": self.stacks,
        }

    @classmethod
    def of_wire(cls, values: Any, what: str = "price rule") -> "PriceRule":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidRules: a part is not understood.
        """
        fields = ("code", "words", "conditions", "effect", "products", "stacks")
        rule = read_object(values, what, fields)
        products = read_optional(
            rule["products"], what, lambda found, of: read_list(found, of, read_text)
        )
        return cls(
            read_text(rule["code"], what),
            read_words(rule["words"], what),
            read_conditions(rule["conditions"], what),
            read_effect(rule["effect"], what),
            None if products is None else frozenset(products),
            read_flag(rule["stacks"], what),
        )


@dataclass(frozen=True, slots=True)
class Product:
    """Something that has a price: an entry, a ride, a year pass."""

    code: str
    name: LocalizedText
    base_fen: int

    def __post_init__(self) -> None:
        if not 0 <= self.base_fen <= MAX_FEN:
            raise InvalidRules("base price is out of bounds")

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"code": self.code, "name": words_to_wire(self.name), "base_fen": self.base_fen}

    @classmethod
    def of_wire(cls, values: Any, what: str = "product") -> "Product":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidRules: a part is not understood.
        """
        product = read_object(values, what, ("code", "name", "base_fen"))
        return cls(
            read_text(product["code"], what),
            read_words(product["name"], what),
            read_number(product["base_fen"], what),
        )


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One line of a quote: the product's base or what a rule takes off (`fen` below 0)."""

    rule: str
    words: LocalizedText
    fen: int


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of one product for one holder: the lines add up to `total_fen`.

    The first line is the base; a price of 0 has the rule that makes it so as its last line, unless
    the product costs nothing by itself.
    """

    product: str
    lines: tuple[QuoteLine, ...]
    total_fen: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total_fen", sum(line.fen for line in self.lines))

    @property
    def reduced(self) -> bool:
        """Whether a rule made it cheaper."""
        return len(self.lines) > 1


@dataclass(frozen=True, slots=True)
class PriceList:
    """Products and the rules that make them cheaper.

    Raises:
        InvalidRules: two products or two rules have the same code.
    """

    products: tuple[Product, ...]
    rules: tuple[PriceRule, ...] = ()

    def __post_init__(self) -> None:
        for codes in ([one.code for one in self.products], [one.code for one in self.rules]):
            if len(set(codes)) < len(codes):
                raise InvalidRules("two products or price rules have one code")

    def quote(self, product: str, case: Case) -> Quote:
        """Return the best price of a product for a visitor, line by line.

        Raises:
            KeyError: there is no such product.
        """
        sold = next((one for one in self.products if one.code == product), None)
        if sold is None:
            raise KeyError(product)
        rules = [rule for rule in self.rules if rule.applies(product, case)]
        stacking = [rule for rule in rules if rule.stacks]
        choices = [stacking] + [[rule, *stacking] for rule in rules if not rule.stacks]
        base, unit = sold.base_fen, 100 ** (len(stacking) + 1)
        chosen = min(
            (sorted(choice, key=_turn) for choice in choices),
            key=lambda choice: (_steps(base, choice, unit)[-1], [rule.code for rule in choice]),
        )
        first = QuoteLine(sold.code, sold.name, base)
        return Quote(sold.code, (first, *_lines(base, chosen, unit)))

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "products": [product.to_wire() for product in self.products],
            "rules": [rule.to_wire() for rule in self.rules],
        }

    @classmethod
    def of_wire(cls, values: Any, what: str = "prices") -> "PriceList":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidRules: a part is not understood.
        """
        prices = read_object(values, what, ("products", "rules"))
        return cls(
            read_list(prices["products"], what, Product.of_wire),
            read_list(prices["rules"], what, PriceRule.of_wire),
        )


def _turn(rule: PriceRule) -> tuple[int, bool, str]:
    """Return when a rule is applied: in this order the end is the lowest.

    Among percentages the exclusive one comes first, so that what is free by it is said by it alone.
    """
    return _TURNS.index(type(rule.effect)), rule.stacks, rule.code


def _steps(base_fen: int, rules: list[PriceRule], unit: int) -> list[int]:
    """Return the price before any rule and after each, in parts of a fen."""
    price = base_fen * unit
    steps = [price]
    for rule in rules:
        price = rule.effect.apply(price, unit)
        steps.append(price)
    return steps


def _lines(base_fen: int, rules: list[PriceRule], unit: int) -> list[QuoteLine]:
    """Return a line for each rule that takes something off."""
    whole = [step // unit for step in _steps(base_fen, rules, unit)]
    return [
        QuoteLine(rule.code, rule.words, after - before)
        for rule, before, after in zip(rules, whole, whole[1:], strict=False)
        if after < before
    ]
