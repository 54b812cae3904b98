"""Where machines are served: in production not in the clear, and a half certificate is none."""

import pytest

from backend.figures import Sip2Figures
from backend.library.commands import _tls
from backend.settings import StartRefused, read_settings


def test_production_speaks_in_the_clear_on_the_loopback_only() -> None:
    assert _tls(Sip2Figures(), production=True) is None
    assert _tls(Sip2Figures(host="192.0.2.1"), production=False) is None
    with pytest.raises(StartRefused, match="YIKATONG_SIP2_CERTIFICATE"):
        _tls(Sip2Figures(host="192.0.2.1"), production=True)


@pytest.mark.parametrize("given", ["CERTIFICATE", "KEY"])
def test_a_certificate_goes_with_its_key(given: str) -> None:
    with pytest.raises(StartRefused, match="YIKATONG_SIP2_"):
        read_settings({f"YIKATONG_SIP2_{given}": "/etc/sip2.pem"})
