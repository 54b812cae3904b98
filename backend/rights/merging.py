"""What a closing says against two records becoming one: nobody asked for both to be closed."""

from typing_extensions import override

from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal, refusal
from backend.residents.merging import MergeObstacle
from backend.rights.closing_rules import UNDER_WAY
from backend.rights.documents import Closing

CLOSING_FIRST = refusal(
    "merge_closing_under_way",
    ("其中一条记录正在办理注销。", "One of the records is being closed."),
    ("请等待注销办结或由本人撤回。", "Wait for it, or have the person withdraw it."),
)


class NoClosing(MergeObstacle):
    """Lets no merge carry a closing over to a record that it was not asked for."""

    @override
    async def against(self, kept: str, merged: str, session: Session) -> Refusal | None:
        found = await Closing.get_pymongo_collection().find_one(
            {
                "resident_id": {"$in": [kept, merged]},
                "state": {"$in": [one.value for one in UNDER_WAY]},
            },
            {"_id": 1},
            session=session,
        )
        return None if found is None else CLOSING_FIRST
