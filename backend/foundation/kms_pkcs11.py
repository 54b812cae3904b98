"""The Kms of production: key-encryption keys that never leave an HSM, spoken to by PKCS#11.

The token holds AES keys of 256 bits, labelled `yikatong-kek-1`, `yikatong-kek-2` …, neither
extractable nor readable; it wraps a data key by CKM_AES_GCM. The data key's number and algorithm
are bound in. An HSM whose maker offers SM4 does so under a mechanism number of its own, which has
to be added here for that HSM: PKCS#11 has no common one.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, ObjectClass, PKCS11Error
from typing_extensions import override

from backend.foundation.kms import (
    Kms,
    UnwrapFailed,
    WrappedKey,
    kms_refused,
    newest,
    next_name,
)
from backend.foundation.suites import NONCE_BYTES, TAG_BYTES

_LABEL_PREFIX = "yikatong-"
_NEVER_LEAVES = {
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.ENCRYPT: True,
    Attribute.DECRYPT: True,
    Attribute.WRAP: False,
    Attribute.UNWRAP: False,
}


class Pkcs11Kms(Kms):
    """Key-encryption keys on one token; each act opens a session of its own, for acts are rare."""

    def __init__(self, module: str, token: str, pin: str) -> None:
        """Connect to the token labelled `token` by the library file `module`.

        Raises:
            StartRefused: the library, the token or the PIN is not right.
        """
        try:
            self._token = pkcs11.lib(module).get_token(token_label=token)
        except PKCS11Error as error:
            raise kms_refused(
                f"密码机不可用：库 {module} 或令牌 {token}。"
                "请检查 YIKATONG_PKCS11_MODULE 和 YIKATONG_PKCS11_TOKEN。",
                f"The HSM cannot be used: library {module} or token {token}. "
                "Check YIKATONG_PKCS11_MODULE and YIKATONG_PKCS11_TOKEN.",
            ) from error
        self._pin = pin
        self.current()

    @override
    def current(self) -> str | None:
        with self._session() as session:
            return newest(_names(session))

    @override
    def make_key(self) -> str:
        with self._session(writing=True) as session:
            name = next_name(_names(session))
            session.generate_key(
                KeyType.AES, 256, label=_LABEL_PREFIX + name, store=True, template=_NEVER_LEAVES
            )
            return name

    @override
    def wrap(self, key: bytes, bound: bytes) -> WrappedKey:
        nonce = secrets.token_bytes(NONCE_BYTES)
        with self._session() as session:
            name = newest(_names(session))
            if name is None:
                raise kms_refused(
                    "密码机中还没有密钥。请先运行 python -m backend keys rotate。",
                    "The HSM holds no key yet. Run first: python -m backend keys rotate",
                )
            sealed: bytes = _key(session, name).encrypt(
                key, mechanism=Mechanism.AES_GCM, mechanism_param=GCMParams(nonce, bound)
            )
        return WrappedKey(name, nonce + sealed)

    @override
    def unwrap(self, wrapped: WrappedKey, bound: bytes) -> bytes:
        nonce, sealed = wrapped.sealed[:NONCE_BYTES], wrapped.sealed[NONCE_BYTES:]
        if len(sealed) < TAG_BYTES:
            raise UnwrapFailed(wrapped.kek)
        with self._session() as session:
            if wrapped.kek not in _names(session):
                raise UnwrapFailed(wrapped.kek)
            try:
                return bytes(
                    _key(session, wrapped.kek).decrypt(
                        sealed,
                        mechanism=Mechanism.AES_GCM,
                        mechanism_param=GCMParams(nonce, bound),
                    )
                )
            except PKCS11Error as error:
                raise UnwrapFailed(wrapped.kek) from error

    @contextmanager
    def _session(self, *, writing: bool = False) -> Iterator[pkcs11.Session]:
        try:
            session = self._token.open(rw=writing, user_pin=self._pin)
        except PKCS11Error as error:
            raise kms_refused(
                f"密码机不接受登录（{type(error).__name__}）。请检查 pkcs11.pin 文件。",
                f"The HSM refuses the login ({type(error).__name__}). Check the file pkcs11.pin.",
            ) from error
        with session:
            yield session


def _names(session: pkcs11.Session) -> list[str]:
    found = session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY})
    labels = (str(key.label) for key in found if isinstance(key, pkcs11.SecretKey))
    return [
        label.removeprefix(_LABEL_PREFIX) for label in labels if label.startswith(_LABEL_PREFIX)
    ]


def _key(session: pkcs11.Session, name: str) -> Any:
    """Return the key's handle; what it can do is known to the library at run time only."""
    return session.get_key(object_class=ObjectClass.SECRET_KEY, label=_LABEL_PREFIX + name)
