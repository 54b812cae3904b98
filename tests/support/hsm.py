"""The fixture `hsm`: a token of SoftHSM2, spoken to by PKCS#11 like any HSM."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pkcs11
import pytest

PIN = "428571"
_SECURITY_OFFICER_PIN = "714285"
MODULE = next(
    (
        str(path)
        for folder in ("/usr/lib", "/usr/lib64", "/usr/local/lib")
        for path in Path(folder).glob("**/softhsm/libsofthsm2.so")
    ),
    "libsofthsm2.so",
)


@dataclass(frozen=True)
class Hsm:
    """SoftHSM2 with a folder of its own; `new_token` gives each test a token."""

    folder: Path

    def new_token(self, label: str) -> str:
        """Initialise a token and return its label."""
        subprocess.run(
            [
                *("softhsm2-util", "--init-token", "--free", "--label", label),
                *("--pin", PIN, "--so-pin", _SECURITY_OFFICER_PIN),
            ],
            check=True,
            capture_output=True,
        )
        # SoftHSM looks for tokens only when a process starts to use it.
        pkcs11.lib(MODULE).reinitialize()
        return label

    def destroy_key(self, token: str, label: str) -> None:
        """Remove a key from a token for ever."""
        with pkcs11.lib(MODULE).get_token(token_label=token).open(rw=True, user_pin=PIN) as session:
            session.get_key(object_class=pkcs11.ObjectClass.SECRET_KEY, label=label).destroy()


@pytest.fixture(scope="session")
def hsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hsm]:
    """Configure SoftHSM2 for this process and those it starts."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(
        f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(config))
        yield Hsm(folder)
