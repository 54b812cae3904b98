"""Plain HTTP for the copy of one's own data: who asks is who it is about, so no id is in it."""

import asyncio
from http import HTTPStatus
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from backend.foundation.access import Identify, known_caller, required_key
from backend.foundation.operations import Services
from backend.foundation.permissions import NOT_PERMITTED, SIGN_IN_NEEDED
from backend.foundation.problems import Problem
from backend.foundation.refusals import Refusal
from backend.rights.copies import COPIES_TOO_OFTEN, PersonalCopies, PersonalCopy
from backend.rights.copy_printer import CopyPrinter
from shared.clock import Clock

JSON_PATH = "/rights/v1/copy.json"
PDF_PATH = "/rights/v1/copy.pdf"
AnyRequest = Request[Any, Any, Any]
_STATUSES = {
    SIGN_IN_NEEDED.code: HTTPStatus.UNAUTHORIZED,
    NOT_PERMITTED.code: HTTPStatus.FORBIDDEN,
    COPIES_TOO_OFTEN: HTTPStatus.TOO_MANY_REQUESTS,
}


def rights_routes(services: Services, clock: Clock, identify: Identify) -> list[HTTPRouteHandler]:
    """Return the routes under `/rights/v1`; each asks for the device's key and an access token."""

    async def copied(request: AnyRequest) -> PersonalCopy:
        key = await required_key(request, clock)
        caller = await known_caller(request, key, identify)
        copy = await services[PersonalCopies].copy(caller)
        if isinstance(copy, Refusal):
            raise Problem(_STATUSES[copy.code], copy)
        return copy

    @get(JSON_PATH)
    async def as_json(request: AnyRequest) -> Response[bytes]:
        copy = await copied(request)
        content = await asyncio.to_thread(copy.to_json)
        return _download(content, "application/json", "personal-information.json")

    @get(PDF_PATH)
    async def as_pdf(request: AnyRequest) -> Response[bytes]:
        content = await services[CopyPrinter].print(await copied(request))
        return _download(content, "application/pdf", "personal-information.pdf")

    return [as_json, as_pdf]


def _download(content: bytes, media_type: str, name: str) -> Response[bytes]:
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=media_type, headers=headers)
