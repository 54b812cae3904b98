"""Whether the server lives and whether it can work: for whoever starts and watches it."""

from http import HTTPStatus
from typing import Any

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from backend.foundation.mongo import Store
from backend.foundation.problems import problem_response
from backend.foundation.refusals import refusal

_NOT_READY = refusal(
    "store_not_ready",
    ("数据库暂时不可写。", "The database takes no writes at the moment."),
    ("请检查 MongoDB。", "Check MongoDB."),
)


def health_routes(store: Store) -> list[ControllerRouterHandler]:
    """Return `/livez` (no I/O) and `/readyz` (the store takes writes)."""

    @get("/livez", sync_to_thread=False)
    def livez() -> dict[str, str]:
        return {"status": "alive"}

    @get("/readyz")
    async def readyz() -> Response[dict[str, Any]]:
        if await store.is_ready():
            return Response({"status": "ready"})
        return problem_response(HTTPStatus.SERVICE_UNAVAILABLE, _NOT_READY)

    return [livez, readyz]
