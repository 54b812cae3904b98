"""How much one operation may ask for, judged before it runs: depth, aliases, cost.

Each fragment is weighed once, so that fragments that spread fragments cannot make the judging
itself expensive. A field costs 1 and its list arguments multiply what lies below it; a `first`
given as a variable counts as the largest page, since documents are judged without their variables.
"""

from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)

MAX_DEPTH = 8
MAX_ALIASES = 15
MAX_COST = 2_000
MAX_TOKENS = 1_000
MAX_PAGE = 50
_PAGE_ARGUMENT = "first"


@dataclass(frozen=True, slots=True)
class Weight:
    """What a selection asks for."""

    depth: int = 0
    aliases: int = 0
    cost: int = 0

    def beside(self, other: "Weight") -> "Weight":
        """Return both selections together."""
        return Weight(
            max(self.depth, other.depth), self.aliases + other.aliases, self.cost + other.cost
        )


class OperationLimits(ValidationRule):
    """Refuses operations that are too deep, rename too much or cost too much."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._fragments: dict[str, Weight] = {}
        self._open: set[str] = set()
        self._level = 0
        self._default_pages = _default_pages(context.schema)

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Weigh one operation."""
        weight = self._of_selections(node.selection_set)
        for name, found, most in (
            ("depth", weight.depth, MAX_DEPTH),
            ("aliases", weight.aliases, MAX_ALIASES),
            ("cost", weight.cost, MAX_COST),
        ):
            if found > most:
                self.report_error(
                    GraphQLError(
                        f"The operation's {name} is over the limit of {most}.",
                        node,
                        extensions={"code": f"{name}_limit", "limit": most},
                    )
                )

    def _of_selections(self, selections: SelectionSetNode | None) -> Weight:
        weight = Weight()
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                weight = weight.beside(self._of_field(node))
            elif isinstance(node, InlineFragmentNode):
                weight = weight.beside(self._of_selections(node.selection_set))
            elif isinstance(node, FragmentSpreadNode):
                weight = weight.beside(self._of_fragment(node.name.value))
        return weight

    def _of_field(self, node: FieldNode) -> Weight:
        if self._level > MAX_DEPTH:
            return Weight(depth=1)  # too deep already: do not follow it further down
        self._level += 1
        below = self._of_selections(node.selection_set)
        self._level -= 1
        return Weight(
            depth=1 + below.depth if node.selection_set else 0,
            aliases=below.aliases + (node.alias is not None),
            cost=1 + below.cost * self._page(node),
        )

    def _of_fragment(self, name: str) -> Weight:
        if name in self._open:
            return Weight()  # a cycle: another rule refuses it
        if name not in self._fragments:
            fragment = self.context.get_fragment(name)
            self._open.add(name)
            self._fragments[name] = self._of_selections(
                fragment.selection_set if fragment else None
            )
            self._open.discard(name)
        return self._fragments[name]

    def _page(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value == _PAGE_ARGUMENT:
                number = argument.value
                stated = int(number.value) if isinstance(number, IntValueNode) else MAX_PAGE
                return min(max(stated, 1), MAX_PAGE)
        return self._default_pages.get(node.name.value, 1)


def _default_pages(schema: GraphQLSchema) -> dict[str, int]:
    """Return the default page of each field that has one, by the field's name."""
    return {
        name: int(field.args[_PAGE_ARGUMENT].default_value or 1)
        for kind in schema.type_map.values()
        if isinstance(kind, GraphQLObjectType)
        for name, field in kind.fields.items()
        if _PAGE_ARGUMENT in field.args
    }
