"""HTTP by httpx; imported when the first request is made, so that the first frame need not wait."""

import httpx

from mobile.services.transport import NoAnswer, Reply

_TIMEOUT = httpx.Timeout(10.0, connect=5.0)


class HttpTransport:
    """One client with its connections kept open."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False)

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Reply:
        """Post `body`, or raise `NoAnswer`."""
        try:
            response = await self._client.post(url, content=body, headers=headers)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise NoAnswer(type(error).__name__) from error
        return Reply(response.status_code, response.headers.get("date", ""), response.content)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
