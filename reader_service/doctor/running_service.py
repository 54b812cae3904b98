"""What only the running service knows: it is asked over its own page."""

from typing import Any

import httpx

from reader_service.doctor.findings import Patient

_TIMEOUT = httpx.Timeout(2.0)


def ask_service(patient: Patient) -> dict[str, Any] | None:
    """Return the state of its page, None where no service of this kind answers."""
    settings = patient.settings
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    try:
        with httpx.Client(timeout=_TIMEOUT, trust_env=False) as client:
            answer = client.get(f"http://{host}:{settings.port}/api/lanes").json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return None
    return answer if isinstance(answer, dict) and "peers" in answer else None
