"""Which Kms this installation has."""

from pathlib import Path

from backend.foundation.key_files import check_file
from backend.foundation.kms import Kms, key_refused, kms_refused
from backend.foundation.kms_file import FileKms
from backend.settings import KmsKind, Settings

PIN_FILE = "pkcs11.pin"


def open_kms(settings: Settings) -> Kms:
    """Return the Kms that the settings name; the HSM's PIN stands in `pkcs11.pin`.

    Raises:
        StartRefused: it cannot be used, or does not suit production.
    """
    custody = settings.custody
    if custody.kms is KmsKind.FILE:
        return FileKms(settings.keys_dir, custody.suite, production=settings.production)
    if custody.pkcs11_module is None:
        raise kms_refused(
            "使用密码机必须设置环境变量 YIKATONG_PKCS11_MODULE（厂商的PKCS#11库）。",
            "An HSM needs the environment variable YIKATONG_PKCS11_MODULE, its maker's library.",
        )
    pin = _pin(settings.keys_dir / PIN_FILE)
    # Most machines have no HSM: they need not load what speaks to one.
    from backend.foundation.kms_pkcs11 import Pkcs11Kms  # noqa: PLC0415

    return Pkcs11Kms(custody.pkcs11_module, custody.pkcs11_token, pin)


def _pin(path: Path) -> str:
    check_file(path)
    try:
        pin = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise key_refused(path, "读不出PIN", "holds no readable PIN") from error
    if not pin:
        raise key_refused(path, "是空的", "is empty")
    return pin
