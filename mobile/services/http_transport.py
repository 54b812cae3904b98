"""HTTP by httpx; imported when the first request is made, so that the first frame need not wait."""

import asyncio

import httpx

from mobile.services.transport import NoAnswer, Reply, Told

_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_LARGE_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
PATIENCE_SECONDS, _LARGE_PATIENCE_SECONDS = 30.0, 900.0
"""How long all of an answer may take: one that comes in by the byte never runs into a timeout."""
MOST_BYTES, _MOST_LARGE_BYTES = 4 * 1024 * 1024, 64 * 1024 * 1024
"""How much an answer may be once unpacked."""
_TLS = httpx.create_ssl_context()  # reading the list of authorities takes longer than a frame


class HttpTransport:
    """One client with its connections kept open."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(verify=_TLS, timeout=_TIMEOUT, follow_redirects=False)

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Reply:
        """Post `body`, or raise `NoAnswer`."""
        request = self._client.build_request("POST", url, content=body, headers=headers)
        return await self._answer(request, MOST_BYTES, PATIENCE_SECONDS, _told_nobody)

    async def get(self, url: str, headers: dict[str, str], told: Told) -> Reply:
        """Get `url`, or raise `NoAnswer`."""
        request = self._client.build_request("GET", url, headers=headers, timeout=_LARGE_TIMEOUT)
        return await self._answer(request, _MOST_LARGE_BYTES, _LARGE_PATIENCE_SECONDS, told)

    async def _answer(
        self, request: httpx.Request, most: int, patience: float, told: Told
    ) -> Reply:
        try:
            async with asyncio.timeout(patience):
                return await self._read(request, most, told)
        except (httpx.RequestError, httpx.InvalidURL, ValueError, TimeoutError) as error:
            raise NoAnswer(type(error).__name__) from error

    async def _read(self, request: httpx.Request, most: int, told: Told) -> Reply:
        content = bytearray()
        response = await self._client.send(request, stream=True)
        try:
            total = int(response.headers.get("content-length", 0))
            async for part in response.aiter_bytes():
                content += part
                if len(content) > most:
                    raise NoAnswer("the answer is too large")
                told(len(content), total)
        finally:
            await response.aclose()
        return Reply(response.status_code, response.headers.get("date", ""), bytes(content))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _told_nobody(_came: int, _total: int) -> None:
    pass
