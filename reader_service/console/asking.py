"""What the routes of the staff's part share: whose request it is, what it asks, what is refused."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response

from reader_service.console.desk import PARTY_FORM, Json, StaffDesk, words
from reader_service.console.sessions import (
    NO_STAFF,
    PAGE_LOCKED,
    SAME_PERSON,
    TOO_MANY,
    WRONG_PIN,
)
from reader_service.console.staff_register import Staff
from reader_service.lane.staff_acts import ACT_FORM, ActRefused
from reader_service.sync.backend import UNREACHABLE
from shared.localized_text import LocalizedText

COOKIE = "yikatong-staff"
_MOST_BODY = 4096
_STATUSES = {
    ACT_FORM.code: 400,
    PARTY_FORM.code: 400,
    PAGE_LOCKED.code: 401,
    NO_STAFF.code: 403,
    WRONG_PIN.code: 403,
    SAME_PERSON.code: 403,
    TOO_MANY.code: 429,
    UNREACHABLE: 503,
}
_FROM_ELSEWHERE = ActRefused(
    "from_elsewhere",
    LocalizedText("请求不是来自本页面。", "The request does not come from this page."),
    LocalizedText("请在本机页面上操作。", "Use this reader's own page."),
)
AnyRequest = Request[Any, Any, Any]


class Refused(Exception):
    """A request is refused; `status` is what HTTP calls that, 409 where nothing better is known."""

    def __init__(self, refused: ActRefused, status: int | None = None) -> None:
        super().__init__(refused.code)
        self.refused = refused
        self.status = status or _STATUSES.get(refused.code, 409)


def answer_refused(_: AnyRequest, error: Refused) -> Response[Json]:
    """Return a refusal in its three parts."""
    refused = error.refused
    content = {
        "code": refused.code,
        "text": words(refused.text),
        "next_step": words(refused.next_step),
    }
    return Response(content, status_code=error.status)


HANDLERS: dict[int | type[Exception], Any] = {Refused: answer_refused}


async def asked_of(request: AnyRequest) -> Mapping[str, Any]:
    """Return what is asked, if this very page asks it: another site cannot forge the origin.

    Raises:
        Refused: it does not, or it is not understood.
    """
    origin = urlsplit(request.headers.get("Origin", ""))
    kind = request.headers.get("Content-Type", "").partition(";")[0]
    if origin.netloc != request.headers.get("Host") or kind != "application/json":
        raise Refused(_FROM_ELSEWHERE, 403)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BODY:
            raise Refused(ACT_FORM)
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(ACT_FORM) from None
    if not isinstance(values, dict):
        raise Refused(ACT_FORM)
    return values


def staff_of(request: AnyRequest, desk: StaffDesk, *, renew: bool = True) -> Staff:
    """Return who unlocked the page that asks.

    Raises:
        Refused: nobody, or it was left alone too long.
    """
    staff = desk.sessions.staff(token_of(request), renew=renew)
    if staff is None:
        raise Refused(PAGE_LOCKED)
    return staff


def token_of(request: AnyRequest) -> str:
    """Return by what a page is known, empty where it has nothing."""
    return request.cookies.get(COOKIE, "")


def text_of(asked: Mapping[str, Any], name: str) -> str:
    """Return a text that is asked with.

    Raises:
        Refused: it is missing, too long or no text.
    """
    value = asked.get(name)
    if not (isinstance(value, str) and len(value) <= 200):
        raise Refused(ACT_FORM)
    return value
