"""Who is asking: the key that signed the request (DPoP, RFC 9449).

A key says nothing about a person by itself; the areas know which phone or terminal holds it.
"""

from http import HTTPStatus
from typing import Any

from litestar import Request

from backend.foundation.problems import Problem
from backend.foundation.refusals import refusal
from shared.clock import Clock
from shared.wire.request_proof import HEADER, ProvenKey, RequestRefused, read_request

NOT_PROVEN = refusal(
    "proof_missing",
    ("请求没有设备签名。", "The request is not signed by a device."),
    ("请更新应用后再试。", "Update the app and try again."),
)
_CLOCK_OFF = refusal(
    "clock_off",
    ("设备时钟不准。", "The device's clock is off."),
    ("请打开自动设置时间后再试。", "Turn on automatic time and try again."),
)
_NOT_VALID = refusal(
    "proof_invalid",
    ("请求的设备签名无效。", "The request's device signature is not valid."),
    ("请重新发送；多次出现请重新激活。", "Send it again; if it stays, activate the device again."),
)


async def proven_key(request: Request[Any, Any, Any], clock: Clock) -> ProvenKey | None:
    """Return the key that signed `request`, or None where no proof came with it.

    Raises:
        Problem: 401 where a proof came and does not hold; `clock_off` says by how many seconds.
    """
    proof = request.headers.get(HEADER)
    if proof is None:
        return None
    body = await request.body()
    try:
        return read_request(proof, request.method, request.url.path, body, clock.now())
    except RequestRefused as error:
        if error.code == _CLOCK_OFF.code:
            ahead = {"seconds_ahead": error.seconds}
            raise Problem(HTTPStatus.UNAUTHORIZED, _CLOCK_OFF, ahead) from None
        raise Problem(HTTPStatus.UNAUTHORIZED, _NOT_VALID, {"cause": error.code}) from None


async def required_key(request: Request[Any, Any, Any], clock: Clock) -> ProvenKey:
    """Return the key that signed `request`.

    Raises:
        Problem: 401, also where no proof came.
    """
    key = await proven_key(request, clock)
    if key is None:
        raise Problem(HTTPStatus.UNAUTHORIZED, NOT_PROVEN)
    return key
