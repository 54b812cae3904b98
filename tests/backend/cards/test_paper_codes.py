"""Codes on paper 纸质当日码: who gets one, for which day, what a second one and a revocation do."""

import asyncio
import base64
import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from pyzbar import pyzbar

from backend.cards.documents import Card, PaperCode
from backend.cards.paper_sheet import CODE_MM
from backend.cards.rules import refusal_of_paper
from backend.figures import CardFigures
from backend.foundation.access import Role
from backend.foundation.audit import AuditRow
from backend.foundation.keys import LIST_KEY_ID, Keys
from reader_service.journal import Journal
from reader_service.lane.gatekeeper import Gatekeeper
from reader_service.snapshot import Kind
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.admission.rules import AdmissionRules
from shared.ecode.reasons import Reason
from shared.ecode.verify import PresentationContext, VerifiedCode
from shared.identity.age import local_day
from shared.localized_text import LocalizedText
from shared.wire.manifest import (
    LaneManifest,
    VenueManifest,
    sign_manifest,
)
from shared.wire.terminal_standing import TerminalStanding, sign_terminal_standing
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import REGION, City, new_key
from tests.backend.cards.conftest import SignedIn
from tests.backend.cards.gate import Gate

DPI = 200
DAY = timedelta(days=1)


@pytest.fixture
async def holder(signed_in: SignedIn) -> Device:
    await signed_in.bind()
    return signed_in.device


async def printed(device: Device, day: date, key: str | None = None) -> Any:
    """Ask for a sheet; return the union's member."""
    return await device.do("MakePaperCode", idempotencyKey=key or new_key(), day=day.isoformat())


def page_of(pdf: str) -> Image.Image:
    """Return the sheet as a printer would draw it."""
    document = pypdfium2.PdfDocument(io.BytesIO(base64.b64decode(pdf)))
    assert len(document) == 1
    page: Image.Image = document[0].render(scale=DPI / 72).to_pil().convert("L")
    document.close()
    return page


def read_from(sheet: Image.Image) -> str:
    """Return the digits that a decoder reads from the paper."""
    [symbol] = pyzbar.decode(sheet, symbols=[pyzbar.ZBarSymbol.QRCODE])
    side_mm = max(symbol.rect.width, symbol.rect.height) / DPI * 25.4
    assert side_mm >= 40, "the symbol is too small for a worn scanner"
    assert side_mm == pytest.approx(CODE_MM, rel=0.05)
    text: str = symbol.data.decode()
    return text


def reader_of(gate: Gate, keys: Keys, folder: Path) -> Gatekeeper:
    """Return a venue's reader on the gate's lists, without a network from now on."""
    now, ends = gate.clock.now(), gate.clock.now() + 7 * DAY
    museum = VenueManifest(
        venue_number=1,
        region=REGION,
        name=LocalizedText("博物馆", "Museum"),
        purpose=0,
        lanes=(LaneManifest(1, LocalizedText("1 号通道", "Lane 1")),),
        rules=AdmissionRules(),
        issued_at=now,
        valid_until=ends,
    )
    signed = sign_manifest(museum, keys.lists, LIST_KEY_ID).encode()
    gate.snapshot.offer(Kind.MANIFEST, signed, None, now)
    standing = TerminalStanding("trm_gate", False, now, ends)
    told = sign_terminal_standing(standing, keys.lists, LIST_KEY_ID).encode()
    gate.snapshot.offer(Kind.TERMINAL_STANDING, told, None, now)
    return Gatekeeper(gate.snapshot, Journal(folder / "journal.sqlite"), gate.clock)


async def test_a_printed_sheet_enters_once_that_day_and_never_after(
    holder: Device, city: City, gate: Gate, keys: Keys, tmp_path: Path
) -> None:
    """From the printer's pixels through a decoder to what an offline reader answers."""
    today = local_day(city.clock.now())
    made = await printed(holder, today)
    assert made["__typename"] == "PaperCodeMade", made
    digits = read_from(page_of(made["pdf"]))
    await gate.refresh()
    city.clock.advance(3600)

    reader = reader_of(gate, keys, tmp_path)
    first = reader.judge_code(digits, 1)
    city.clock.advance(3600)
    second = reader.judge_code(digits, 1)
    city.clock.advance(86_400)
    next_day = reader.judge_code(digits, 1)

    assert (first.answer.verdict, first.record.medium) == (Verdict.LOOK, Medium.PAPER)
    assert first.answer.headline.zh == "请进 · 纸质码"
    assert second.answer.reason is Reason.ENTRIES_USED_UP
    assert next_day.answer.reason is Reason.PAPER_DAY_OVER
    assert [one.persons for one in (first.record, second.record, next_day.record)] == [1, 0, 0]


async def test_a_second_print_voids_the_first_and_a_revoked_one_is_refused(
    holder: Device, city: City, gate: Gate
) -> None:
    today = local_day(city.clock.now())

    def told(digits: str) -> str:
        found = gate.verifier.verify(digits, city.clock.now(), PresentationContext(venue=1))
        return "good" if isinstance(found, VerifiedCode) else found.reason.value

    first = read_from(page_of((await printed(holder, today))["pdf"]))
    second = await printed(holder, today)
    after = read_from(page_of(second["pdf"]))
    city.clock.advance(10)
    await gate.refresh()
    assert (told(first), told(after)) == ("paper_void", "good")

    revoked = await holder.do(
        "RevokePaperCode", idempotencyKey=new_key(), id=second["paperCode"]["id"]
    )
    city.clock.advance(10)
    await gate.refresh()

    assert revoked["paperCode"]["live"] is False
    assert told(after) == "paper_void"
    listed = (await holder.ask("PaperCodes"))["paperCodes"]["paperCodes"]
    assert [one["live"] for one in listed] == [False, False]
    actions = {row.action for row in await AuditRow.find({"action": {"$regex": "paper"}}).to_list()}
    assert actions == {"cards.paper_code_made", "cards.paper_code_revoked"}


async def test_of_prints_at_the_same_moment_one_sheet_is_valid(
    holder: Device, city: City, gate: Gate
) -> None:
    today = local_day(city.clock.now())
    made = await asyncio.gather(*(printed(holder, today) for _ in range(4)))

    sheets = [one for one in made if one["__typename"] == "PaperCodeMade"]
    assert sheets, made
    papers = PaperCode.get_pymongo_collection()
    assert await papers.count_documents({"live": True}) == 1
    assert await papers.count_documents({}) == len(sheets), "none is made that nobody holds"
    city.clock.advance(10)
    await gate.refresh()
    told = [
        gate.verifier.verify(
            read_from(page_of(one["pdf"])), city.clock.now(), PresentationContext(venue=1)
        )
        for one in sheets
    ]
    assert [isinstance(one, VerifiedCode) for one in told].count(True) == 1


async def test_without_the_index_prints_at_the_same_moment_would_all_be_valid(
    holder: Device, city: City
) -> None:
    """The negative control of the race."""
    papers, guard = PaperCode.get_pymongo_collection(), "one_live_paper_a_day"
    [index] = [one for one in PaperCode.Settings.indexes if one.document["name"] == guard]
    await papers.drop_index(guard)
    try:
        today = local_day(city.clock.now())
        await asyncio.gather(*(printed(holder, today) for _ in range(4)))
        assert await papers.count_documents({"live": True}) > 1
    finally:
        await papers.delete_many({})
        await papers.create_indexes([index])


async def test_a_repeated_request_gets_the_same_sheet_and_the_key_is_kept_nowhere(
    holder: Device, city: City
) -> None:
    key, today = new_key(), local_day(city.clock.now())
    one, again = [await printed(holder, today, key) for _ in range(2)]

    assert one["paperCode"] == again["paperCode"]
    [stored] = await PaperCode.find_all().to_list()
    assert set(stored.model_dump()) - {"revision_id"} == {
        *("id", "resident_id", "card_id", "card_index", "serial", "algorithm", "public_key"),
        *("day", "made_at", "made_by", "mandate", "ends_at", "code_sealed", "live", "stopped_at"),
    }
    assert read_from(page_of(one["pdf"])).encode() not in stored.code_sealed


async def test_only_today_and_tomorrow_and_not_without_end(holder: Device, city: City) -> None:
    today = local_day(city.clock.now())
    for day in (today - DAY, today + 2 * DAY):
        assert (await printed(holder, day))["code"] == "paper_day"
    assert (await printed(holder, today + DAY))["__typename"] == "PaperCodeMade"


def test_the_days_and_prints_are_the_citys_to_choose() -> None:
    today, figures = date(2026, 11, 22), CardFigures(paper_prints=2, paper_days_ahead=0)

    def code(day: date, count: int) -> str | None:
        refused = refusal_of_paper(day, today, count, figures)
        return None if refused is None else refused.code

    assert [code(today, count) for count in (0, 1, 2)] == [None, None, "paper_prints"]
    assert code(today + DAY, 0) == "paper_day"


async def test_a_suspended_card_prints_nothing(holder: Device, city: City) -> None:
    today = local_day(city.clock.now())
    await Card.get_pymongo_collection().update_one({}, {"$set": {"state": "SUSPENDED"}})

    assert (await printed(holder, today))["__typename"] == "Refusal"
    assert await PaperCode.find_all().count() == 0


async def test_a_clerk_prints_for_who_stands_there_and_the_person_sees_that(
    signed_in: SignedIn, city: City
) -> None:
    clerk = await People(city).staff("liu.yun", Role.OUTLET_CLERK)
    await clerk.sign_in()
    wish = {
        "residentId": signed_in.holder.resident_id,
        "day": local_day(city.clock.now()).isoformat(),
    }

    async def ask(**more: Any) -> Any:
        return await clerk.device.do(
            "MakePaperCodeAtCounter", idempotencyKey=new_key(), **{**wish, **more}
        )

    unchecked = await ask(documentChecked=False)
    nobody = await ask(documentChecked=True, residentId="res_nobody")
    made = await ask(documentChecked=True)

    assert (unchecked["code"], nobody["code"]) == ("document_unchecked", "resident_unknown")
    assert made["paperCode"]["madeBy"] == "OUTLET"
    assert read_from(page_of(made["pdf"]))
    rows = await AuditRow.find({"action": "cards.paper_code_made", "result": "ok"}).to_list()
    assert [row.subject for row in rows] == [signed_in.holder.resident_id]
