"""What the programs say to one another."""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwt.api_jws import PyJWS

from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.admission.rules import AdmissionRules
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.reasons import Reason
from shared.localized_text import LocalizedText
from shared.trust.trust_list import KeyUse, TrustedKey, TrustList, Untrusted
from shared.wire.enrolment import InvalidEnrolment, TerminalEnrolment
from shared.wire.manifest import LaneManifest, VenueManifest, read_manifest, sign_manifest
from shared.wire.request_proof import (
    RequestRefused,
    read_request,
    sign_request,
    thumbprint,
)
from shared.wire.scans import (
    Direction,
    InvalidScan,
    Override,
    OverrideReason,
    ReceiptOutcome,
    ScanReceipt,
    ScanRecord,
)

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
KEYS = [SoftwareKey.generate(Algorithm.ED25519), SoftwareKey.generate(Algorithm.ES256)]
KEY = KEYS[0]
BODY = b'{"query":"{serverTime}"}'
_VALID = {key: sign_request(key, "POST", "/graphql", BODY, NOW) for key in KEYS}
SCAN = ScanRecord(
    scan_id="0" * 32,
    lane=1,
    scanned_at=int(NOW.timestamp() * 1000),
    medium=Medium.ECODE,
    verdict=Verdict.REFUSE,
    reason=Reason.REPLAYED,
    region=360700,
    card_index=7,
    device_serial=1,
    counter=100,
    detail={"lane": 2},
)
ENTRY = replace(
    SCAN,
    verdict=Verdict.ADMIT,
    reason=None,
    detail={},
    party=4,
    admits=3,
    counted_on=("bkg_abc", "pas_1.2"),
    override=Override(OverrideReason.CARD_WORN, "stf_a", "stf_b"),
)
OF_VERSION_1 = {
    "scan_id": "1" * 32,
    "lane": 1,
    "scanned_at": 1_795_000_000_000,
    "medium": "ecode",
    "verdict": "admit",
    "reason": None,
    "region": 360700,
    "card_index": 7,
    "device_serial": 1,
    "counter": 100,
    "card_digest": None,
    "detail": {},
}
"""As readers wrote it into their journals before there was a version 2."""


def _proof(key: SoftwareKey, claims: dict[str, Any], headers: dict[str, Any] | None = None) -> str:
    """Return a proof as the general library writes it, some of it otherwise than it should be."""
    said = jwt.decode(_VALID[key], options={"verify_signature": False})
    named = jwt.get_unverified_header(_VALID[key])
    return PyJWS().encode(
        json.dumps(said | claims).encode(), key.private, named["alg"], named | (headers or {})
    )


class TestRequestProof:
    def _refusal(self, proof: str | None, **changed: Any) -> RequestRefused:
        request = {"method": "POST", "path": "/graphql", "body": BODY, "now": NOW, **changed}
        with pytest.raises(RequestRefused) as refused:
            read_request(proof, **request)
        return refused.value

    @pytest.mark.parametrize("key", KEYS)
    def test_a_request_is_proven_by_its_key(self, key: SoftwareKey) -> None:
        proof = sign_request(key, "POST", "/graphql", BODY, NOW)

        proven = read_request(proof, "POST", "/graphql", BODY, NOW + timedelta(seconds=59))

        assert proven.public == key.public
        assert proven.thumbprint == thumbprint(key.public)

    def test_the_thumbprint_is_that_of_rfc_8037(self) -> None:
        """The example key of RFC 8037, appendix A.3."""
        x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        raw = base64.urlsafe_b64decode(x + "=")
        key = type(KEY.public)(Algorithm.ED25519, raw)

        assert thumbprint(key) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"

    @pytest.mark.parametrize(
        "changed", [{"method": "GET"}, {"path": "/readers"}, {"body": BODY + b" "}]
    )
    def test_it_proves_no_other_request(self, changed: dict[str, Any]) -> None:
        proof = sign_request(KEY, "POST", "/graphql", BODY, NOW)

        assert self._refusal(proof, **changed).code == "wrong_request"

    @pytest.mark.parametrize(("ahead", "seconds"), [(-61, 61), (61, -61)])
    def test_a_clock_that_is_off_is_told_by_how_much(self, ahead: int, seconds: int) -> None:
        proof = sign_request(KEY, "POST", "/graphql", BODY, NOW)

        refused = self._refusal(proof, now=NOW + timedelta(seconds=ahead))

        assert (refused.code, refused.seconds) == ("clock_off", seconds)

    @pytest.mark.parametrize("proof", [None, ""])
    def test_none_is_missing(self, proof: str | None) -> None:
        assert self._refusal(proof).code == "missing"

    def test_a_key_of_another_is_forged(self) -> None:
        """The proof names one key and is signed by another."""
        stranger = SoftwareKey.generate(Algorithm.ED25519)
        header = jwt.get_unverified_header(sign_request(KEY, "POST", "/graphql", BODY, NOW))
        claims = {
            "jti": "1",
            "htm": "POST",
            "htu": "/graphql",
            "iat": int(NOW.timestamp()),
            "bsh": base64.urlsafe_b64encode(hashlib.sha256(BODY).digest()).decode().rstrip("="),
        }
        proof = jwt.encode(
            claims,
            stranger.private,
            algorithm="EdDSA",
            headers={"typ": header["typ"], "jwk": header["jwk"]},
        )

        assert self._refusal(proof).code == "forged"

    @pytest.mark.parametrize(
        "headers",
        [
            {"typ": "JWT"},
            {"typ": "dpop+jwt"},
            {"typ": "dpop+jwt", "jwk": "x"},
            {"typ": "dpop+jwt", "jwk": {"kty": "oct", "k": "AAAA"}},
            {"typ": "dpop+jwt", "jwk": {"kty": "RSA"}},
        ],
    )
    def test_other_headers_are_malformed(self, headers: dict[str, Any]) -> None:
        proof = jwt.encode({"jti": "1", "iat": 1}, "k" * 32, algorithm="HS256", headers=headers)

        assert self._refusal(proof).code == "malformed"

    def test_alg_none_is_malformed(self) -> None:
        header = jwt.get_unverified_header(sign_request(KEY, "POST", "/graphql", BODY, NOW))
        proof = jwt.encode(
            {"jti": "1", "iat": 1},
            "",
            algorithm="none",
            headers={"typ": "dpop+jwt", "jwk": header["jwk"]},
        )

        assert self._refusal(proof).code == "malformed"

    def test_a_private_key_in_the_header_is_malformed(self) -> None:
        algorithm = jwt.get_algorithm_by_name("EdDSA")
        jwk = json.loads(algorithm.to_jwk(KEY.private))
        proof = jwt.encode(
            {"jti": "1", "iat": 1},
            KEY.private,
            algorithm="EdDSA",
            headers={"typ": "dpop+jwt", "jwk": jwk},
        )

        assert self._refusal(proof).code == "malformed"

    @pytest.mark.parametrize("key", KEYS)
    def test_the_general_library_writes_a_good_proof(self, key: SoftwareKey) -> None:
        assert read_request(_proof(key, {}), "POST", "/graphql", BODY, NOW).public == key.public

    @pytest.mark.parametrize("more", [{"crit": ["b64"], "b64": True}, {"crit": ["x"]}])
    def test_extensions_are_malformed(self, more: dict[str, Any]) -> None:
        """What must be understood (RFC 7515, 4.1.11) is not; PyJWT would understand the first."""
        assert self._refusal(_proof(KEY, {}, more)).code == "malformed"

    @pytest.mark.parametrize(
        "claims",
        [{"jti": 7}, {"jti": None}, {"iat": None}, {"aud": "another"}, {"iat": "1"}],
    )
    def test_claims_of_another_form_are_malformed(self, claims: dict[str, Any]) -> None:
        assert self._refusal(_proof(KEY, claims)).code == "malformed"

    @pytest.mark.parametrize("put", [" ", "=", "!", "."])
    def test_a_proof_is_written_in_one_way_only(self, put: str) -> None:
        """Wherever something is put into a valid one, or a character takes another's place."""
        valid = _VALID[KEYS[1]]
        for place in range(len(valid) + 1):
            before, after = valid[:place], valid[place:]
            other = "B" if after[:1] == "A" else "A"
            for changed in (before + put + after, before + other + after[1:]):
                assert self._refusal(changed).code in {"malformed", "forged"}, place

    @given(st.text(max_size=200))
    def test_junk_is_malformed(self, junk: str) -> None:
        if junk:
            assert self._refusal(junk).code == "malformed"

    def test_a_giant_is_malformed(self) -> None:
        assert self._refusal("a." * 3000).code == "malformed"


class TestScans:
    @pytest.mark.parametrize(
        "scan",
        [
            SCAN,
            ENTRY,
            replace(ENTRY, direction=Direction.OUT, override=None),
            replace(SCAN, annuls="f" * 32),
        ],
    )
    def test_a_scan_survives_the_wire(self, scan: ScanRecord) -> None:
        assert ScanRecord.of_wire(json.loads(json.dumps(scan.to_wire()))) == scan

    def test_a_record_of_version_1_is_one_person_coming_in(self) -> None:
        scan = ScanRecord.of_wire(OF_VERSION_1)

        assert (scan.direction, scan.party, scan.persons) == (Direction.IN, 1, 1)
        assert (scan.counted_on, scan.annuls, scan.override) == ((), None, None)
        assert scan.to_wire() == {
            **OF_VERSION_1, "version": 2, "direction": "in", "party": 1, "admits": None,
            "counted_on": [], "annuls": None, "override": None,
        }  # fmt: skip

    def test_what_version_1_did_not_have_means_nothing_in_it(self) -> None:
        assert ScanRecord.of_wire({**OF_VERSION_1, "annuls": 7, "colour": "red"}).annuls is None
        with pytest.raises(InvalidScan):
            ScanRecord.of_wire({**OF_VERSION_1, "version": 2, "colour": "red"})

    @pytest.mark.parametrize(
        ("scan", "persons"),
        [
            (SCAN, 0),
            (ENTRY, 3),
            (replace(ENTRY, admits=None), 4),
            (replace(ENTRY, annuls="f" * 32, admits=None), 0),
        ],
    )
    def test_it_tells_how_many_went_through(self, scan: ScanRecord, persons: int) -> None:
        assert scan.persons == persons

    @pytest.mark.parametrize(
        ("named", "changed"),
        [
            ("version", {"version": 3}),
            ("version", {"version": True}),
            ("version", {"version": [1]}),
            ("direction", {"direction": "up"}),
            ("party", {"party": 0}),
            ("party", {"party": 100}),
            ("admits", {"admits": 5}),
            ("admits", {"admits": 0}),
            ("admits", {"verdict": "refuse"}),
            ("admits", {"annuls": "f" * 32}),
            ("counted_on", {"counted_on": "bkg_abc"}),
            ("counted_on", {"counted_on": ["a", "a"]}),
            ("counted_on", {"counted_on": [{"$ne": 1}]}),
            ("counted_on", {"counted_on": [str(n) for n in range(9)]}),
            ("annuls", {"annuls": "0" * 32, "admits": None, "override": None}),
            ("annuls", {"annuls": "x"}),
            ("override", {"override": {"reason": "card_worn", "staff": "a"}}),
            ("override", {"override": {"reason": "mood", "staff": "a", "second_staff": "b"}}),
            ("override", {"override": {"reason": "card_worn", "staff": "a", "second_staff": "a"}}),
            ("override", {"override": "yes"}),
            ("override", {"verdict": "refuse", "admits": None}),
        ],
    )
    def test_parts_that_contradict_one_another_are_named(
        self, named: str, changed: dict[str, Any]
    ) -> None:
        with pytest.raises(InvalidScan) as invalid:
            ScanRecord.of_wire({**ENTRY.to_wire(), **changed})

        assert invalid.value.field == named

    @given(
        st.dictionaries(
            st.sampled_from(sorted(ENTRY.to_wire())),
            st.none() | st.integers() | st.text(max_size=8) | st.lists(st.text(max_size=4)),
        )
    )
    def test_whatever_comes_is_read_whole_or_refused(self, changed: dict[str, Any]) -> None:
        try:
            scan = ScanRecord.of_wire({**ENTRY.to_wire(), **changed})
        except InvalidScan:
            return
        assert ScanRecord.of_wire(scan.to_wire()) == scan
        assert 0 <= scan.persons <= scan.party

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("scan_id", "x"),
            ("scan_id", {"$ne": ""}),
            ("scan_id", None),
            ("lane", -1),
            ("lane", True),
            ("lane", "1"),
            ("scanned_at", 2**60),
            ("medium", "smoke"),
            ("verdict", "maybe"),
            ("reason", "because"),
            ("region", 10**6),
            ("card_index", 2**32),
            ("device_serial", 2**16),
            ("counter", 1.5),
            ("card_digest", "Z" * 32),
            ("detail", {"$where": 1}),
            ("detail", {"a": {"b": 1}}),
            ("detail", {"a": "\0"}),
            ("detail", []),
            ("detail", {chr(97 + n): n for n in range(9)}),
        ],
    )
    def test_a_part_that_is_not_understood_is_named(self, field: str, value: object) -> None:
        values = {**SCAN.to_wire(), field: value}
        if field == "detail" and value == []:
            assert ScanRecord.of_wire(values).detail == {}
            return

        with pytest.raises(InvalidScan) as invalid:
            ScanRecord.of_wire(values)

        assert invalid.value.field == field

    @pytest.mark.parametrize("values", [None, [], "scan", 7])
    def test_what_is_no_object_is_no_scan(self, values: object) -> None:
        with pytest.raises(InvalidScan):
            ScanRecord.of_wire(values)

    def test_a_receipt_survives_the_wire(self) -> None:
        receipt = ScanReceipt("f" * 32, ReceiptOutcome.REJECTED, "lane")

        assert ScanReceipt.of_wire(receipt.to_wire()) == receipt


class TestManifest:
    LISTER = SoftwareKey.generate(Algorithm.ED25519)
    MANIFEST = VenueManifest(
        venue_number=1,
        name=LocalizedText("博物馆", "Museum"),
        region=360700,
        purpose=3,
        lanes=(LaneManifest(1, LocalizedText("一号通道", "Lane 1")),),
        rules=AdmissionRules(regions=frozenset({360000})),
        issued_at=NOW,
        valid_until=NOW + timedelta(days=1),
    )

    def _trust(self) -> TrustList:
        day = timedelta(days=1)
        key = TrustedKey(360700, 1, KeyUse.LIST, self.LISTER.public, NOW - day, NOW + day)
        return TrustList((key,), NOW, NOW + day)

    def test_it_survives_the_wire(self) -> None:
        text = sign_manifest(self.MANIFEST, self.LISTER, 1)

        assert read_manifest(text, self._trust(), 360700, 1, NOW) == self.MANIFEST

    def test_another_key_forges_it(self) -> None:
        with pytest.raises(Untrusted) as refused:
            read_manifest(sign_manifest(self.MANIFEST, KEY, 1), self._trust(), 360700, 1, NOW)

        assert refused.value.code == "forged"


def test_a_terminal_enrolment_survives_the_wire() -> None:
    enrolment = TerminalEnrolment("ter_x", 1, 360700, 1, KEY.public)

    assert TerminalEnrolment.of_wire(enrolment.to_wire()) == enrolment


@pytest.mark.parametrize("values", [None, {}, {"root_key": "x"}, []])
def test_an_enrolment_that_is_not_understood_is_refused(values: object) -> None:
    with pytest.raises(InvalidEnrolment):
        TerminalEnrolment.of_wire(values)
