"""Android: an AES key that AndroidKeyStore makes and never gives out. Not run on a phone yet."""

from typing import Any

from jnius import JavaException, autoclass, cast

from mobile.ports.secret_box.box import BoxDamaged

_STORE = "AndroidKeyStore"
_TRANSFORMATION = "AES/GCM/NoPadding"
_NONCE_BYTES = 12
_TAG_BITS = 128


class KeyStoreCipher:
    """AES-256-GCM inside the key store; the store draws the nonce itself."""

    def __init__(self, alias: str = "yikatong.secret_box") -> None:
        self._alias = alias

    def seal(self, plain: bytes, name: bytes) -> bytes:
        """Return nonce and ciphertext; the name is bound to them."""
        cipher = self._cipher()
        cipher.init(autoclass("javax.crypto.Cipher").ENCRYPT_MODE, self._key(make=True))
        cipher.updateAAD(name)
        return _bytes(cipher.getIV()) + _bytes(cipher.doFinal(plain))

    def open(self, sealed: bytes, name: bytes) -> bytes:
        """Return the plain bytes, or raise `BoxDamaged`."""
        specification = autoclass("javax.crypto.spec.GCMParameterSpec")(
            _TAG_BITS, sealed[:_NONCE_BYTES]
        )
        try:
            cipher = self._cipher()
            cipher.init(
                autoclass("javax.crypto.Cipher").DECRYPT_MODE,
                self._key(make=False),
                cast("java.security.spec.AlgorithmParameterSpec", specification),
            )
            cipher.updateAAD(name)
            return _bytes(cipher.doFinal(sealed[_NONCE_BYTES:]))
        except JavaException as error:
            raise BoxDamaged(name.decode()) from error

    def forget(self) -> None:
        """Remove the key from the store."""
        self._store().deleteEntry(self._alias)

    def _key(self, *, make: bool) -> Any:
        key = self._store().getKey(self._alias, None)
        if key is None:
            if not make:
                raise BoxDamaged(self._alias)
            key = self._generate()
        # Without the cast pyjnius picks Cipher's overload for a certificate.
        return cast("java.security.Key", key)

    def _generate(self) -> Any:
        properties = autoclass("android.security.keystore.KeyProperties")
        builder = autoclass("android.security.keystore.KeyGenParameterSpec$Builder")(
            self._alias, properties.PURPOSE_ENCRYPT | properties.PURPOSE_DECRYPT
        )
        builder.setBlockModes([properties.BLOCK_MODE_GCM])
        builder.setEncryptionPaddings([properties.ENCRYPTION_PADDING_NONE])
        builder.setKeySize(256)
        generator = autoclass("javax.crypto.KeyGenerator").getInstance("AES", _STORE)
        generator.init(cast("java.security.spec.AlgorithmParameterSpec", builder.build()))
        return generator.generateKey()

    @staticmethod
    def _store() -> Any:
        store = autoclass("java.security.KeyStore").getInstance(_STORE)
        store.load(None)
        return store

    @staticmethod
    def _cipher() -> Any:
        return autoclass("javax.crypto.Cipher").getInstance(_TRANSFORMATION)


def _bytes(array: Any) -> bytes:
    """Return a Java byte[], whose elements are signed, as bytes."""
    return bytes(element & 0xFF for element in array)
