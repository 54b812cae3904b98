"""The sandbox gateway's inbox, in development only: in production this address does not exist."""

from html import escape

from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler

from backend.accounts.sms import SandboxSms, SmsMessage
from shared.clock import LOCAL_ZONE

INBOX_PATH = "/development/sms-inbox"
_PAGE = """<!doctype html>
<html lang="zh"><meta charset="utf-8"><meta http-equiv="refresh" content="3">
<title>短信收件箱 SMS inbox</title>
<h1>短信收件箱（仅开发环境） SMS inbox (development only)</h1>
<p>没有短信真正发出。 Nothing is really sent.</p>
<table>{rows}</table></html>
"""


def inbox_routes(sandbox: SandboxSms) -> list[HTTPRouteHandler]:
    """Return the page that shows what would have been sent, and the same as JSON."""

    @get(INBOX_PATH, media_type=MediaType.HTML, sync_to_thread=False)
    def page() -> Response[str]:
        rows = "".join(map(_row, sandbox.inbox()))
        return Response(_PAGE.format(rows=rows), headers={"Cache-Control": "no-store"})

    @get(f"{INBOX_PATH}.json", sync_to_thread=False)
    def messages() -> Response[list[dict[str, str]]]:
        found = [
            {"at": one.at.isoformat(), "phone": one.phone, "text": one.text}
            for one in sandbox.inbox()
        ]
        return Response(found, headers={"Cache-Control": "no-store"})

    return [page, messages]


def _row(message: SmsMessage) -> str:
    at = f"{message.at.astimezone(LOCAL_ZONE):%H:%M:%S}"
    return f"<tr><td>{at}<td>{escape(message.phone)}<td>{escape(message.text)}"
