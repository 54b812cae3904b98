"""The codes on paper 纸质当日码 of the card: having one made, seeing and revoking them."""

import base64
from collections.abc import Mapping
from datetime import date
from typing import Any

from mobile.core.paper_code import PaperCode
from mobile.core.trouble import Trouble
from mobile.ports.documents import Documents, NotSaved
from mobile.services.acts import Act
from mobile.services.answers import read_result
from mobile.services.holder import Holder
from shared.localized_text import LocalizedText


class PaperCodes:
    """Asks for the card's holder, or for the principal in front; keeps nothing of a sheet."""

    def __init__(self, holder: Holder, documents: Documents) -> None:
        self._holder = holder
        self._documents = documents
        self._making = Act("MakePaperCode", _made)
        self._revoking = Act("RevokePaperCode", lambda wire: PaperCode.of_wire(wire["paperCode"]))

    @property
    def may_ask(self) -> bool:
        """Tell whether there is anybody to ask for."""
        return self._holder.may_ask

    async def read(self) -> tuple[PaperCode, ...] | Trouble:
        """Return the sheets, the latest first."""
        answer = await self._holder.ask("PaperCodes", {})
        return read_result(
            answer, "paperCodes", lambda wire: tuple(map(PaperCode.of_wire, wire["paperCodes"]))
        )

    async def make(self, day: date) -> str | Trouble:
        """Have a sheet made for a local day and return where it was saved.

        Empty where its owner chose no place. The one before of that day is void then.
        """
        made = await self._making.perform(self._holder.ask, {"day": day.isoformat()})
        if isinstance(made, Trouble):
            return made
        try:
            return await self._documents.save(f"yikatong-{day}.pdf", "application/pdf", made)
        except NotSaved as error:
            return Trouble(
                "not_saved",
                LocalizedText(
                    f"纸质码存不下来（{error.reason}）",
                    f"The sheet could not be saved ({error.reason})",
                ),
                LocalizedText("请清理空间后再打印一次", "Free some space and print once more"),
            )

    async def revoke(self, identifier: str) -> PaperCode | Trouble:
        """Let no venue take a sheet any more; return it as it is then."""
        return await self._revoking.perform(self._holder.ask, {"id": identifier})


def _made(wire: Mapping[str, Any]) -> bytes:
    return base64.b64decode(wire["pdf"], validate=True)
