"""Which operations look at a mandate before they act, told from a request before it is read.

Only so that the mandate is read along with the session where it will be asked for, and not where
its check is in the write of a look. A wrong guess costs a read or saves none; it decides nothing.
"""

import re
from collections.abc import Container, Iterable

from graphql import FieldNode, OperationDefinitionNode, parse

_DOCUMENT = re.compile(r"(?:query|mutation)\s+(\w+)")
_BODY = re.compile(rb'"query"\s*:\s*"' + _DOCUMENT.pattern.encode())


class FirstLooks:
    """Tells it by the name of the operation, as the app's own documents have it."""

    def __init__(self, documents: Iterable[str], without: Container[str]) -> None:
        """Take the app's documents, and the root fields that look at no mandate before."""
        named = ((_DOCUMENT.match(text), text) for text in documents)
        self._documents = {found.group(1): text for found, text in named if found}
        self._without = without
        self._known: dict[str, bool] = {}

    def likely(self, body: bytes) -> bool:
        """Tell whether a request most likely asks for its mandate before anything is written."""
        found = _BODY.search(body)
        name = "" if found is None else found.group(1).decode("ascii", "replace")
        if name not in self._documents:
            return True
        if name not in self._known:
            self._known[name] = self._looks(self._documents[name])
        return self._known[name]

    def _looks(self, document: str) -> bool:
        held = parse(document).definitions
        roots = (one.selection_set for one in held if isinstance(one, OperationDefinitionNode))
        fields = (one for root in roots for one in root.selections)
        return not all(
            isinstance(one, FieldNode) and one.name.value in self._without for one in fields
        )
