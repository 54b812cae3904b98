"""A correction for who is in front: by the mandate, and nothing of one shown to another."""

from pathlib import Path
from typing import Any

import pytest

from mobile.core.trouble import UNREACHABLE
from mobile.ui.gallery.looked_after import scenes
from mobile.ui.gallery.stage import Stage

HERS = {
    "__typename": "CorrectionConnection",
    "nodes": [
        {
            "id": "cor_a",
            "field": "BIRTH",
            "state": "SUBMITTED",
            "submittedAt": "2026-11-22T06:30:00+00:00",
            "decidedAt": None,
            "reason": None,
        }
    ],
}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
def asked(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """What is asked: the operation, for whom, and under which key."""
    asked: list[tuple[str, str, str]] = []

    async def ask(operation: str, variables: Any, subject: str = "") -> Any:
        asked.append((operation, subject, variables.get("input", {}).get("idempotencyKey", "")))
        return {"corrections": HERS} if operation == "Corrections" else UNREACHABLE

    monkeypatch.setattr(stage.account, "ask", ask)
    return asked


@pytest.mark.feature("D18", "D25")
async def test_d18_a_correction_is_asked_for_whom_the_banner_names_and_goes_with_the_switch(
    stage: Stage, asked: list[tuple[str, str, str]]
) -> None:
    dict(scenes(stage))["acting-corrections"]()
    model, service = stage.models.corrections, stage.services.corrections
    assert stage.models.family.band
    assert stage.models.place.name == "corrections"
    model.begin()
    assert [value for value, _ in model.state.entry.choices] == ["NAME", "BIRTH", "NUMBER"]
    assert await model._read() is None
    model.step_back()
    assert [one.title for one in model.state.lines or ()] == ["出生日期"]
    for _ in range(2):
        assert await service.request("BIRTH", "1950-01-02", "x") is UNREACHABLE

    stage.services.family.switch("")

    assert model.state.lines is None
    model.begin()
    assert "PHONE" in [value for value, _ in model.state.entry.choices]
    await service.request("BIRTH", "1950-01-02", "x")
    (_, *hers), (_, *again), (_, *own) = (one for one in asked if one[0] == "RequestCorrection")
    assert hers == again, "the same wish for her is the same request"
    assert (hers[0], own[0]) == ("mnd_a", "")
    assert hers[1] != own[1], "the same wish for oneself is another"


async def test_an_answer_about_who_is_not_in_front_any_more_is_none(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    dict(scenes(stage))["acting-corrections"]()

    async def switched(*_: Any) -> Any:
        stage.services.family.switch("")
        return {"corrections": HERS}

    monkeypatch.setattr(stage.account, "ask", switched)
    assert await stage.services.corrections.read() is UNREACHABLE
