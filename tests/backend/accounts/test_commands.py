import argparse
import io
import json

import pytest

from backend.accounts.commands import add_staff_options, staff
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from tests.backend.actors import id_number

ADD = ("add", "--login", "xie.yu", "--name", "谢雨", "--organisation", "360702-01")
NAMED = ("--organisation-zh", "章贡区服务网点")


async def _run(services: Services, *arguments: str) -> str | Refusal:
    parser = argparse.ArgumentParser()
    add_staff_options(parser)
    return await staff(services, parser.parse_args(arguments))


async def test_the_first_staff_are_made_at_the_command_line(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(id_number(sequence="801") + "\n"))
    made = await _run(services, *ADD, *NAMED, "--role", "auditor")
    assert isinstance(made, str)
    told = json.loads(made)
    assert told["totp_uri"].startswith("otpauth://totp/")
    assert len(told["recovery_codes"]) == 8

    refused = await _run(services, "role", "--login", "xie.yu", "--role", "security_officer")
    assert isinstance(refused, Refusal)
    assert refused.code == "officers_exclude"
    assert await _run(services, "role", "--login", "xie.yu", "--role", "auditor", "--take") == (
        "auditor"
    )
    assert await _run(services, "role", "--login", "xie.yu", "--role", "security_officer") == (
        "security_officer"
    )
    for work in ("disable", "enable", "unlock"):
        assert await _run(services, work, "--login", "xie.yu") == f"{work}: xie.yu"
    assert isinstance(await _run(services, "unlock", "--login", "nobody.here"), Refusal)


async def test_a_number_that_is_none_is_refused(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("123\n"))

    assert isinstance(await _run(services, *ADD, *NAMED), Refusal)
