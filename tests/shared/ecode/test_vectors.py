"""The e-card code against a second, independent writing of its format."""

import re
from datetime import timedelta

import pytest

from shared.ecode.algorithms import Algorithm, PublicKey, SoftwareKey
from shared.ecode.certificate import (
    AgeBand,
    CertificateClaims,
    ConcessionLevel,
    issue_certificate,
    parse_certificate,
)
from shared.ecode.digits import from_digits, to_digits
from shared.ecode.layout import EPOCH
from shared.ecode.proof import parse_proof, present, split_code
from shared.ecode.reasons import Reason, explain
from shared.ecode.verify import CodeVerifier, RefusedCode, VerifiedCode
from tests.vectors.cases import VectorCase, cases, statuses, trust_list
from tests.vectors.independent import VectorKey
from tests.vectors.make import DEVICE, ISSUER

CASES = cases()
GOOD = [case for case in CASES if case.expect == "verified"]
WELL_FORMED = [
    case
    for case in CASES
    if case.raw and case.expect not in {"damaged", "not_ours", "version_unknown"}
]


def _name(case: VectorCase) -> str:
    return case.name


@pytest.mark.parametrize("case", CASES, ids=_name)
@pytest.mark.feature("S24")
def test_a_code_is_verified_or_refused_for_its_own_reason(case: VectorCase) -> None:
    found = CodeVerifier(trust_list(), statuses()).verify(case.text, case.now, case.context)

    if case.expect == "verified":
        assert isinstance(found, VerifiedCode), found
    else:
        assert isinstance(found, RefusedCode)
        assert (found.reason, dict(found.detail)) == (Reason(case.expect), case.detail)


def test_every_check_of_a_code_has_a_vector() -> None:
    """Only the replay guard's reasons need memory and are tested beside it."""
    order = list(Reason)
    checked = set(order[: order.index(Reason.REGION_NOT_ACCEPTED)]) - {
        Reason.REPLAYED,
        Reason.PAPER_SHOWN_TWICE,
    }

    assert checked == {Reason(case.expect) for case in CASES if case.expect != "verified"}


@pytest.mark.feature("S133")
def test_a_code_of_a_version_to_come_is_refused_with_a_way_that_works() -> None:
    """An old reader names the version it lacks, and the physical card as what works instead."""
    newer = [case for case in CASES if case.expect == Reason.VERSION_UNKNOWN]
    assert newer
    for case in newer:
        found = CodeVerifier(trust_list(), statuses()).verify(case.text, case.now, case.context)
        assert isinstance(found, RefusedCode)
        told = explain(found.reason, found.detail)
        assert str(found.detail["version"]) in told.staff.zh
        assert "实体卡" in told.next_step.zh
        assert "physical card" in told.next_step.en


@pytest.mark.feature("U4")
@pytest.mark.parametrize("case", WELL_FORMED, ids=_name)
def test_fields_and_digits_agree_with_the_independent_writing(case: VectorCase) -> None:
    assert case.raw is not None
    assert case.certificate is not None
    assert case.proof is not None
    assert to_digits(case.raw) == case.text
    assert from_digits(case.text) == case.raw

    certificate_raw, proof_raw = split_code(case.raw)
    claims, proof = parse_certificate(certificate_raw).claims, parse_proof(proof_raw)

    if case.name != "counter-changed" and case.expect != "certificate_forged":
        assert claims.region == case.certificate["region"]
        assert claims.card_index == case.certificate["card_index"]
        assert claims.device_serial == case.certificate["device_serial"]
        assert (claims.not_before - EPOCH) / timedelta(hours=1) == (
            case.certificate["not_before_hour"]
        )
        assert claims.lifetime_hours == case.certificate["lifetime_hours"]
        assert claims.age_band == case.certificate["age_band"]
        assert claims.concession == case.certificate["concession"]
        assert proof.counter == case.proof["counter"]
    assert proof.issued_at == case.proof["issued_at"]
    assert proof.challenge.hex() == case.proof["challenge"]


def test_issuing_and_presenting_write_the_vector_to_the_byte() -> None:
    case = next(case for case in CASES if case.name == "ed25519")
    assert case.certificate is not None
    assert case.proof is not None

    claims = CertificateClaims(
        region=case.certificate["region"],
        issuer_key_id=case.certificate["issuer_key_id"],
        card_index=case.certificate["card_index"],
        device_serial=case.certificate["device_serial"],
        age_band=AgeBand(case.certificate["age_band"]),
        concession=ConcessionLevel(case.certificate["concession"]),
        represented=False,
        not_before=EPOCH + timedelta(hours=case.certificate["not_before_hour"]),
        lifetime_hours=case.certificate["lifetime_hours"],
        device_key=PublicKey(Algorithm.ED25519, DEVICE.public),
    )
    certificate = issue_certificate(claims, _key(ISSUER))
    code = present(
        certificate,
        _key(DEVICE),
        issued_at=case.proof["issued_at"],
        counter=case.proof["counter"],
        challenge=bytes.fromhex(case.proof["challenge"]),
    )

    assert code == case.raw


@pytest.mark.parametrize("case", GOOD[:4], ids=_name)
def test_no_single_flipped_bit_is_ever_verified(case: VectorCase) -> None:
    assert case.raw is not None
    verifier = CodeVerifier(trust_list(), statuses())
    for bit in range(len(case.raw) * 8):
        changed = bytearray(case.raw)
        changed[bit // 8] ^= 1 << bit % 8

        found = verifier.verify(to_digits(bytes(changed)), case.now, case.context)

        assert isinstance(found, RefusedCode), f"bit {bit} changed nothing"


@pytest.mark.feature("S22")
def test_a_decoded_code_reveals_no_number_of_a_person() -> None:
    """The digits hold no citizen number, phone or date of birth of anybody, by construction."""
    for case in GOOD:
        assert not re.search(r"(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])[0-3]\d{4}[\dX]", case.text[:60])
        assert case.certificate is not None
        assert set(case.certificate) == {
            "version",
            "issuer_algorithm",
            "device_algorithm",
            "region",
            "issuer_key_id",
            "card_index",
            "device_serial",
            "age_band",
            "concession",
            "reserved",
            "flags",
            "not_before_hour",
            "lifetime_hours",
        }


def test_a_proven_certificate_is_remembered_by_its_whole_bytes() -> None:
    """The cache must not let a forged certificate of the same card through."""
    verifier = CodeVerifier(trust_list(), statuses())
    good = next(case for case in CASES if case.name == "ed25519")
    forged = next(case for case in CASES if case.name == "younger")

    assert isinstance(verifier.verify(good.text, good.now, good.context), VerifiedCode)
    assert isinstance(verifier.verify(good.text, good.now, good.context), VerifiedCode)
    found = verifier.verify(forged.text, forged.now, forged.context)

    assert isinstance(found, RefusedCode)
    assert found.reason is Reason.CERTIFICATE_FORGED


def _key(key: VectorKey) -> SoftwareKey:
    return SoftwareKey.of_pem(key.pem())
