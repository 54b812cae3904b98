"""The page and its two sources of news, over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

from litestar import Litestar, MediaType, Response, get
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.datastructures import ResponseHeader
from litestar.response import ServerSentEvent, ServerSentEventMessage

from reader_service.console.asking import HANDLERS
from reader_service.console.desk import StaffDesk
from reader_service.console.desk_routes import desk_routes
from reader_service.console.feed import Event, Feed
from reader_service.console.views import Json, StaffView

_PAGES = Path(__file__).parent / "pages"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none';"
        " form-action 'none'"
    ),
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_FILES = {
    "staff.css": "text/css; charset=utf-8",
    "staff.js": "text/javascript; charset=utf-8",
    "desk.css": "text/css; charset=utf-8",
    "desk.js": "text/javascript; charset=utf-8",
    "desk_views.js": "text/javascript; charset=utf-8",
    "desk_words.js": "text/javascript; charset=utf-8",
    "queue_view.js": "text/javascript; charset=utf-8",
    "sounds.js": "text/javascript; charset=utf-8",
    "signals.json": "application/json",
}


def make_site(view: StaffView, feed: Feed, desk: StaffDesk, hosts: list[str]) -> Litestar:
    """Return the page's application; `hosts` are the names it answers to, `*` for all."""

    @get("/", media_type=MediaType.HTML)
    async def page() -> Response[str]:
        return _file("index.html", "text/html; charset=utf-8")

    @get("/pages/{name:str}")
    async def asset(name: str) -> Response[str]:
        if name not in _FILES:
            return Response("", status_code=404, media_type=MediaType.TEXT)
        return _file(name, _FILES[name])

    @get("/api/lanes")
    async def lanes() -> Json:
        return view.everything()

    @get("/api/events")
    async def events() -> ServerSentEvent:
        return ServerSentEvent(_messages(feed.listen(Event("state", view.everything()))))

    @get("/livez", media_type=MediaType.TEXT)
    async def livez() -> str:
        return "ok"

    return Litestar(
        [page, asset, lanes, events, livez, *desk_routes(desk)],
        exception_handlers=HANDLERS,
        allowed_hosts=AllowedHostsConfig(allowed_hosts=hosts),
        response_headers=[ResponseHeader(name=n, value=v) for n, v in _HEADERS.items()],
        openapi_config=None,
        logging_config=None,
    )


async def _messages(events: AsyncIterator[Event]) -> AsyncIterator[ServerSentEventMessage]:
    async for event in events:
        if event.data is None:
            yield ServerSentEventMessage(comment=event.name, data=None)
        else:
            yield ServerSentEventMessage(event=event.name, data=event.encode())


def _file(name: str, media_type: str) -> Response[str]:
    return Response((_PAGES / name).read_text("utf-8"), media_type=media_type)
