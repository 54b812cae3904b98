"""What card functions say against two records becoming one: choices are one record's."""

from typing_extensions import override

from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal, refusal
from backend.functions.documents import FunctionChoice
from backend.functions.registry import FunctionRegistry
from backend.residents.merging import MergeObstacle

FUNCTIONS_CHOSEN = refusal(
    "merge_functions_chosen",
    (
        "要并入的记录改过卡功能的开关。",
        "The record to be merged has card functions switched otherwise than they come.",
    ),
    (
        "请恢复默认，合并后由本人重新选择。",
        "Set them back first; the person chooses again afterwards.",
    ),
)


class NoFunctionChosen(MergeObstacle):
    """Lets no merge switch a function that a person switched otherwise."""

    def __init__(self, registry: FunctionRegistry) -> None:
        self._registry = registry

    @override
    async def against(self, kept: str, merged: str, session: Session) -> Refusal | None:
        found = (
            await FunctionChoice.get_pymongo_collection()
            .find({"resident_id": merged}, {"function": 1, "enabled": 1}, session=session)
            .to_list()
        )
        for choice in found:
            function = await self._registry.of(choice["function"], session)
            if function is not None and choice["enabled"] is not function.granted:
                return FUNCTIONS_CHOSEN
        return None
