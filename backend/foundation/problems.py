"""Refusals over plain HTTP: `application/problem+json` (RFC 9457), in both languages."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from backend.foundation.logs import FIELDS, describe_error
from backend.foundation.refusals import Refusal, refusal
from shared.localized_text import LocalizedText

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger("yikatong.problems")

MALFORMED_BODY = refusal(
    "malformed_body",
    ("请求内容不是所要求的JSON。", "The request's body is not the JSON asked for."),
    ("请按接口说明修改请求。", "Correct the request as the interface's description says."),
)
INTERNAL = refusal(
    "internal_error",
    ("系统内部出错。", "Something failed on our side."),
    (
        "请稍后再试；多次出现请联系服务热线。",
        "Try again later; if it stays, call us.",
    ),
)
_BY_STATUS = {
    404: refusal(
        "not_found",
        ("没有这个地址。", "There is nothing at this address."),
        ("请检查地址。", "Check the address."),
    ),
    405: refusal(
        "method_not_allowed",
        ("这个地址不支持该方法。", "This address does not take that method."),
        ("请检查请求方法。", "Check the request's method."),
    ),
    413: refusal(
        "body_too_large",
        ("请求内容过大。", "The request's body is too large."),
        ("请分批发送。", "Send it in smaller parts."),
    ),
}
_BAD_REQUEST = refusal(
    "bad_request",
    ("请求不正确。", "The request is not right."),
    ("请检查请求内容。", "Check the request."),
)


class Problem(Exception):
    """Ends a plain HTTP request with a refusal; `status` is its HTTP status."""

    def __init__(
        self, status: int, refused: Refusal, more: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(refused.code)
        self.status = status
        self.refused = refused
        self.more = more or {}


def problem_response(
    status: int, refused: Refusal, more: Mapping[str, Any] | None = None
) -> Response[dict[str, Any]]:
    """Return the response for a refusal; `more` are extension members (numbers, codes)."""
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": refused.code,
        "detail": words(refused.text),
        "next_step": words(refused.next_step),
        **(more or {}),
    }
    return Response(content, status_code=status, media_type=MEDIA_TYPE)


def words(text: LocalizedText) -> dict[str, str]:
    """Return a text as JSON values."""
    return {"zh": text.zh, "en": text.en}


def answer_problem(_: Request[Any, Any, Any], problem: Problem) -> Response[dict[str, Any]]:
    """Answer a `Problem`."""
    return problem_response(problem.status, problem.refused, problem.more)


def answer_http_exception(
    _: Request[Any, Any, Any], error: HTTPException
) -> Response[dict[str, Any]]:
    """Answer what the framework refused, without its message: it may quote the request."""
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _answer_failure(error)
    return problem_response(error.status_code, _BY_STATUS.get(error.status_code, _BAD_REQUEST))


def answer_failure(_: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """Answer a bug or an outage: the caller learns nothing of it, the log learns where."""
    return _answer_failure(error)


def _answer_failure(error: Exception) -> Response[dict[str, Any]]:
    _log.error("request failed", extra={FIELDS: {"error": describe_error(error)}})
    return problem_response(HTTPStatus.INTERNAL_SERVER_ERROR, INTERNAL)
