"""HTTP by httpx; imported when the first request is made, so that the first frame need not wait."""

import httpx

from mobile.services.transport import NoAnswer, Reply, Told

_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_LARGE_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
_MOST_BYTES = 64 * 1024 * 1024
_TLS = httpx.create_ssl_context()  # reading the list of authorities takes longer than a frame


class HttpTransport:
    """One client with its connections kept open."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(verify=_TLS, timeout=_TIMEOUT, follow_redirects=False)

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Reply:
        """Post `body`, or raise `NoAnswer`."""
        try:
            response = await self._client.post(url, content=body, headers=headers)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise NoAnswer(type(error).__name__) from error
        return Reply(response.status_code, response.headers.get("date", ""), response.content)

    async def get(self, url: str, headers: dict[str, str], told: Told) -> Reply:
        """Get `url`, or raise `NoAnswer`."""
        content = bytearray()
        try:
            async with self._client.stream(
                "GET", url, headers=headers, timeout=_LARGE_TIMEOUT
            ) as response:
                total = int(response.headers.get("content-length", 0))
                async for part in response.aiter_bytes():
                    content += part
                    if len(content) > _MOST_BYTES:
                        raise NoAnswer("the answer is too large")
                    told(len(content), total)
        except (httpx.TransportError, httpx.InvalidURL, ValueError) as error:
            raise NoAnswer(type(error).__name__) from error
        date = response.headers.get("date", "")
        return Reply(response.status_code, date, bytes(content))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
