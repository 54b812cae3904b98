"""Asking another app of the phone for something. Not run on a phone yet."""

import asyncio
from typing import Any

from android import activity
from jnius import autoclass

_RESULT_OK = -1


async def ask_activity(intent: Any, request_code: int) -> Any | None:
    """Start `intent` and return the answer's Intent; None when the user went back."""
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[Any] = loop.create_future()

    def take(code: int, result: int, data: Any) -> None:
        if code == request_code and not answered.done():
            answer = data if result == _RESULT_OK else None
            loop.call_soon_threadsafe(answered.set_result, answer)

    activity.bind(on_activity_result=take)
    try:
        autoclass("org.kivy.android.PythonActivity").mActivity.startActivityForResult(
            intent, request_code
        )
        return await answered
    finally:
        activity.unbind(on_activity_result=take)
