"""Both places for key-encryption keys, by the same tests: files, and an HSM by PKCS#11 (L21)."""

import os
import secrets
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pkcs11
import pytest

from backend.foundation.custody import PIN_FILE, open_kms
from backend.foundation.key_files import write_once
from backend.foundation.kms import Kms, UnwrapFailed, WrappedKey
from backend.foundation.kms_file import FileKms
from backend.foundation.kms_pkcs11 import Pkcs11Kms
from backend.settings import Settings, StartRefused, Suite, read_settings
from tests.support.hsm import MODULE, PIN, Hsm, hsm

__all__ = ["hsm"]
KEY, BOUND = bytes(range(32)), b"data_keys\x001"
MakeKms = Callable[[], Kms]


@pytest.fixture(params=["file intl", "file sm", "hsm"])
def make_kms(request: pytest.FixtureRequest, tmp_path: Path, hsm: Hsm) -> MakeKms:
    """Opens one and the same Kms, as often as it is called."""
    if request.param == "hsm":
        token = hsm.new_token(f"kms-{secrets.token_hex(4)}")
        Pkcs11Kms(MODULE, token, PIN).make_key()
        return lambda: Pkcs11Kms(MODULE, token, PIN)
    suite = Suite(request.param.removeprefix("file "))
    return lambda: FileKms(tmp_path, suite, production=False)


def test_what_is_wrapped_unwraps_after_a_restart(make_kms: MakeKms) -> None:
    wrapped = make_kms().wrap(KEY, BOUND)

    assert make_kms().unwrap(wrapped, BOUND) == KEY
    assert wrapped.kek == "kek-1"
    assert KEY not in wrapped.sealed
    assert make_kms().wrap(KEY, BOUND) != wrapped


def test_each_flipped_bit_is_noticed(make_kms: MakeKms) -> None:
    kms = make_kms()
    wrapped = kms.wrap(KEY, BOUND)

    for place in range(len(wrapped.sealed)):
        altered = bytearray(wrapped.sealed)
        altered[place] ^= 1
        with pytest.raises(UnwrapFailed):
            kms.unwrap(WrappedKey(wrapped.kek, bytes(altered)), BOUND)


@pytest.mark.parametrize("length", [0, 11, 12, 27, 28])
def test_too_short_is_noticed(make_kms: MakeKms, length: int) -> None:
    with pytest.raises(UnwrapFailed):
        make_kms().unwrap(WrappedKey("kek-1", bytes(length)), BOUND)


@pytest.mark.parametrize("kek", ["kek-2", "kek-0", "kek-", "", "../issuer", "kek-１"])
def test_a_key_that_is_not_there_is_named(make_kms: MakeKms, kek: str) -> None:
    kms = make_kms()
    wrapped = kms.wrap(KEY, BOUND)

    with pytest.raises(UnwrapFailed):
        kms.unwrap(WrappedKey(kek, wrapped.sealed), BOUND)
    with pytest.raises(UnwrapFailed):
        kms.unwrap(wrapped, b"another key")


def test_a_new_key_wraps_and_the_old_one_still_opens(make_kms: MakeKms) -> None:
    old = make_kms().wrap(KEY, BOUND)

    name = make_kms().make_key()

    kms = make_kms()
    new = kms.wrap(KEY, BOUND)
    assert (old.kek, new.kek, kms.current()) == ("kek-1", name, name)
    assert kms.unwrap(old, BOUND) == kms.unwrap(new, BOUND) == KEY


def test_ten_comes_after_nine(make_kms: MakeKms) -> None:
    kms = make_kms()
    names = [kms.make_key() for _ in range(9)]

    assert names[-1] == kms.current() == "kek-10"


def test_files_are_for_their_owner_only_and_keep_their_algorithm(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    old = FileKms(folder, Suite.INTL, production=False).wrap(KEY, BOUND)
    changed = FileKms(folder, Suite.SM, production=False)
    changed.make_key()

    assert changed.unwrap(old, BOUND) == KEY
    assert [path.read_text().split()[0] for path in sorted(folder.iterdir())] == [
        "aes_256_gcm",
        "sm4_gcm",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", ["", "junk", "aes_256_gcm 00", "none " + "00" * 32, "\udcff"])
def test_a_file_that_is_no_key_is_named(tmp_path: Path, content: str) -> None:
    write_once(tmp_path / "kek-1.key", content.encode("utf-8", "surrogateescape"))

    with pytest.raises(StartRefused, match=r"kek-1\.key"):
        FileKms(tmp_path, Suite.INTL, production=False)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    FileKms(tmp_path, Suite.INTL, production=False)
    (tmp_path / "kek-1.key").chmod(0o644)

    with pytest.raises(StartRefused, match="chmod 600"):
        FileKms(tmp_path, Suite.INTL, production=False)


def _settings(folder: Path, **given: str) -> Settings:
    plain = {"KEYS_DIR": str(folder), "DATA_DIR": str(folder), "MONGODB_URI": "mongodb://none"}
    return read_settings({f"YIKATONG_{name}": value for name, value in (plain | given).items()})


@pytest.mark.feature("L21")
def test_production_refuses_keys_in_files(tmp_path: Path) -> None:
    """L21: whoever copies the folder would have the city."""
    FileKms(tmp_path, Suite.INTL, production=False)

    with pytest.raises(StartRefused, match="YIKATONG_KMS"):
        open_kms(_settings(tmp_path, ENVIRONMENT="production"))


def test_production_opens_the_hsm_by_its_settings(tmp_path: Path, hsm: Hsm) -> None:
    token = hsm.new_token("by-settings")
    write_once(tmp_path / PIN_FILE, f"{PIN}\n".encode())
    settings = _settings(
        tmp_path, ENVIRONMENT="production", KMS="pkcs11", PKCS11_MODULE=MODULE, PKCS11_TOKEN=token
    )

    kms = open_kms(settings)

    assert kms.current() is None
    with pytest.raises(StartRefused, match="keys rotate"):
        kms.wrap(KEY, BOUND)
    assert kms.make_key() == "kek-1"
    assert open_kms(settings).unwrap(kms.wrap(KEY, BOUND), BOUND) == KEY


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"PKCS11_MODULE": ""}, "YIKATONG_PKCS11_MODULE"),
        ({"PKCS11_TOKEN": ""}, "YIKATONG_PKCS11_TOKEN"),
        ({"PKCS11_MODULE": "/none.so"}, "YIKATONG_PKCS11_MODULE"),
        ({"PKCS11_TOKEN": "nobody's"}, "YIKATONG_PKCS11_TOKEN"),
    ],
)
def test_what_is_wrong_with_an_hsm_is_named(
    tmp_path: Path, hsm: Hsm, changed: dict[str, str], named: str
) -> None:
    given = {"KMS": "pkcs11", "PKCS11_MODULE": MODULE, "PKCS11_TOKEN": hsm.new_token("named")}
    write_once(tmp_path / PIN_FILE, PIN.encode())

    with pytest.raises(StartRefused, match=named):
        open_kms(_settings(tmp_path, **(given | changed)))


@pytest.mark.parametrize(("pin", "named"), [("999999", "PinIncorrect"), ("", "is empty")])
def test_a_wrong_pin_is_told_without_showing_it(
    tmp_path: Path, hsm: Hsm, pin: str, named: str
) -> None:
    given = {"KMS": "pkcs11", "PKCS11_MODULE": MODULE, "PKCS11_TOKEN": hsm.new_token("pin")}
    write_once(tmp_path / PIN_FILE, pin.encode())

    with pytest.raises(StartRefused, match=named) as refused:
        open_kms(_settings(tmp_path, **given))
    assert not pin or pin not in refused.value.text.en


def test_the_hsm_does_not_give_its_key_away(hsm: Hsm) -> None:
    token = hsm.new_token("closed")
    Pkcs11Kms(MODULE, token, PIN).make_key()

    with pkcs11.lib(MODULE).get_token(token_label=token).open(user_pin=PIN) as session:
        key = session.get_key(label="yikatong-kek-1")
        with pytest.raises(pkcs11.AttributeSensitive):
            key[pkcs11.Attribute.VALUE]
        assert key[pkcs11.Attribute.EXTRACTABLE] is False


def test_a_process_of_its_own_reaches_the_same_hsm(hsm: Hsm) -> None:
    token = hsm.new_token("shared")
    kms = Pkcs11Kms(MODULE, token, PIN)
    kms.make_key()
    wrapped = kms.wrap(KEY, BOUND)
    program = (
        "import sys; from backend.foundation.kms import WrappedKey;"
        "from backend.foundation.kms_pkcs11 import Pkcs11Kms;"
        "kms = Pkcs11Kms(*sys.argv[1:4]); sealed = bytes.fromhex(sys.argv[4]);"
        "print(kms.unwrap(WrappedKey('kek-1', sealed), b'data_keys\\x001').hex())"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, MODULE, token, PIN, wrapped.sealed.hex()],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
    )

    assert done.stdout.strip() == KEY.hex()
