"""Properties of the code's parts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ecode.algorithms import (
    Algorithm,
    InvalidKey,
    PublicKey,
    SoftwareKey,
    UnsupportedAlgorithm,
)
from shared.ecode.certificate import (
    AgeBand,
    CertificateClaims,
    ConcessionLevel,
    issue_certificate,
    parse_certificate,
)
from shared.ecode.digits import from_digits, to_digits
from shared.ecode.layout import EPOCH, MAX_COUNTER, Malformed
from shared.ecode.proof import counter_at, parse_code, present
from shared.ecode.reasons import TEXTS, Reason, explain
from shared.ecode.replay import Fresh, Replayed, ReplayGuard, SameAgain
from shared.ecode.verify import CodeVerifier, PresentationContext, RefusedCode
from tests.vectors.cases import statuses, trust_list

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
ISSUER = SoftwareKey.generate(Algorithm.ED25519)
DEVICES = {
    algorithm: SoftwareKey.generate(algorithm)
    for algorithm in (0, 1)
    for algorithm in [Algorithm(algorithm)]
}

claims_strategy = st.builds(
    CertificateClaims,
    region=st.integers(0, 999_999),
    issuer_key_id=st.integers(0, 255),
    card_index=st.integers(0, 2**32 - 1),
    device_serial=st.integers(0, 2**16 - 1),
    age_band=st.sampled_from(AgeBand),
    concession=st.sampled_from(ConcessionLevel),
    represented=st.just(value=False),
    not_before=st.integers(0, 2**17).map(lambda hour: EPOCH + timedelta(hours=hour)),
    lifetime_hours=st.integers(1, 255),
    device_key=st.sampled_from([key.public for key in DEVICES.values()]),
    paper=st.booleans(),
).flatmap(
    # A phone may be a representative's, paper never is.
    lambda claims: st.sampled_from(
        [claims] + [replace(claims, represented=True)] * (not claims.paper)
    )
)


@given(st.binary(max_size=220))
def test_digits_carry_any_bytes(raw: bytes) -> None:
    if raw:
        assert from_digits(to_digits(raw)) == raw


@given(st.text(alphabet="0123456789", min_size=1, max_size=480))
def test_each_bytes_have_one_writing(text: str) -> None:
    try:
        raw = from_digits(text)
    except Malformed:
        return
    assert to_digits(raw) == text


@given(claims_strategy)
def test_a_certificate_reads_back_as_it_was_issued(claims: CertificateClaims) -> None:
    certificate = issue_certificate(claims, ISSUER)

    assert parse_certificate(certificate.raw) == certificate
    assert certificate.claims == claims
    assert len(certificate.raw) == 18 + len(claims.device_key.raw) + 64


@given(
    claims_strategy,
    st.integers(0, 2**32 - 1),
    st.integers(0, MAX_COUNTER),
    st.binary(min_size=4, max_size=4),
)
def test_a_code_has_467_or_469_digits(
    claims: CertificateClaims, issued_at: int, counter: int, challenge: bytes
) -> None:
    certificate = issue_certificate(claims, ISSUER)
    device = DEVICES[claims.device_key.algorithm]

    code = present(certificate, device, issued_at=issued_at, counter=counter, challenge=challenge)

    parsed, proof = parse_code(code)
    assert parsed.claims == claims
    assert (proof.issued_at, proof.counter, proof.challenge) == (issued_at, counter, challenge)
    assert len(to_digits(code)) == (467 if len(code) == 192 else 469)


@pytest.mark.feature("U2")
@given(st.one_of(st.text(max_size=600), st.text(alphabet="0123456789", min_size=460, max_size=470)))
def test_junk_is_refused_and_never_called_expired(text: str) -> None:
    found = CodeVerifier(trust_list(), statuses()).verify(text, NOW, PresentationContext(1))

    assert isinstance(found, RefusedCode)
    assert found.reason in {Reason.NOT_OURS, Reason.DAMAGED, Reason.VERSION_UNKNOWN} or (
        found.certificate is not None
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("region", 1_000_000),
        ("issuer_key_id", 256),
        ("card_index", -1),
        ("device_serial", 65_536),
        ("lifetime_hours", 0),
        ("not_before", EPOCH + timedelta(minutes=1)),
    ],
)
def test_a_claim_that_does_not_fit_is_named(field: str, value: object) -> None:
    values: dict[str, object] = {
        "region": 360700,
        "issuer_key_id": 1,
        "card_index": 1,
        "device_serial": 1,
        "age_band": AgeBand.ADULT,
        "concession": ConcessionLevel.NONE,
        "represented": False,
        "not_before": EPOCH,
        "lifetime_hours": 48,
        "device_key": DEVICES[Algorithm.ED25519].public,
    }

    with pytest.raises(ValueError, match=field):
        issue_certificate(CertificateClaims(**{**values, field: value}), ISSUER)  # type: ignore[arg-type]


@pytest.mark.parametrize("algorithm", [Algorithm.ED25519, Algorithm.ES256])
def test_keys_survive_pem_and_sign(algorithm: Algorithm) -> None:
    key = SoftwareKey.generate(algorithm)
    again = SoftwareKey.of_pem(key.to_pem())

    signature = again.sign(b"moment")

    assert len(signature) == 64
    assert PublicKey.of_pem(key.public.to_pem()) == key.public
    assert key.public.verify(signature, b"moment")
    assert not key.public.verify(signature, b"another moment")
    assert not key.public.verify(signature[:-1], b"moment")


def test_sm2_has_its_number_and_says_that_it_has_no_provider() -> None:
    with pytest.raises(UnsupportedAlgorithm):
        SoftwareKey.generate(Algorithm.SM2)


def test_what_is_no_key_is_said_to_be_none() -> None:
    with pytest.raises(InvalidKey):
        PublicKey.of_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")
    with pytest.raises(InvalidKey):
        SoftwareKey.of_pem(b"junk")


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (0, AgeBand.UNDER_6),
        (5, AgeBand.UNDER_6),
        (6, AgeBand.FROM_6_TO_17),
        (17, AgeBand.FROM_6_TO_17),
        (18, AgeBand.ADULT),
        (59, AgeBand.ADULT),
        (60, AgeBand.FROM_60),
        (64, AgeBand.FROM_60),
        (65, AgeBand.FROM_65),
        (69, AgeBand.FROM_65),
        (70, AgeBand.FROM_70),
        (104, AgeBand.FROM_70),
    ],
)
def test_age_bands_begin_on_the_birthday(age: int, band: AgeBand) -> None:
    assert AgeBand.of_age(age) is band


@pytest.mark.feature("U1")
@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words_in_both_languages_and_a_next_step(reason: Reason) -> None:
    words = explain(
        reason,
        {
            "seconds": 20,
            "minutes": 3,
            "hours": 2,
            "lane": 1,
            "region": "320700",
            "version": 2,
            "date": "2026-01-01",
            "when": "2026-11-23T09:00",
            "opens": "2026-11-23T09:00",
            "begins": "2026-11-23T10:30",
            "ended": "2026-11-23T12:00",
            "least": 60,
            "most": 14,
            "uses": 3,
            "used": 3,
            "entered": 4,
            "quantity": 4,
            "entries": 2,
            "inside": 300,
            "capacity": 300,
        },
    )

    for text in (words.staff, words.resident, words.next_step):
        assert text.zh
        assert text.en
        assert "{" not in text.zh + text.en
        assert "?" not in text.zh + text.en
        assert len(text.zh) <= 40
    assert set(TEXTS) == set(Reason)


def test_the_counter_follows_the_slots() -> None:
    assert counter_at(1_800_000_004.9) == counter_at(1_800_000_000)
    assert counter_at(1_800_000_005) == counter_at(1_800_000_000) + 1
    assert 0 <= counter_at(2**33) <= MAX_COUNTER


class TestReplayGuard:
    def _seen(self, counter: int = 100, lane: int = 1) -> ReplayGuard:
        guard = ReplayGuard()
        guard.remember(7, 1, counter, lane, NOW)
        return guard

    def test_the_first_showing_is_fresh(self) -> None:
        assert ReplayGuard().look(7, 1, 100, 1, NOW) == Fresh()

    def test_looking_does_not_remember(self) -> None:
        guard = ReplayGuard()
        guard.look(7, 1, 100, 1, NOW)

        assert guard.look(7, 1, 100, 2, NOW) == Fresh()

    def test_the_same_code_at_the_same_lane_is_the_same_answer_for_three_seconds(self) -> None:
        guard = self._seen()

        assert guard.look(7, 1, 100, 1, NOW + timedelta(seconds=3)) == SameAgain()
        assert guard.look(7, 1, 100, 1, NOW + timedelta(seconds=3.1)) == Replayed(1, NOW)

    @pytest.mark.feature("S24")
    def test_the_same_code_at_another_lane_names_the_first(self) -> None:
        assert self._seen().look(7, 1, 100, 2, NOW + timedelta(seconds=1)) == Replayed(1, NOW)

    def test_an_older_code_than_the_one_shown_is_a_replay(self) -> None:
        assert self._seen().look(7, 1, 99, 1, NOW) == Replayed(1, NOW)

    def test_the_next_slot_is_fresh(self) -> None:
        assert self._seen().look(7, 1, 101, 1, NOW) == Fresh()

    def test_another_phone_of_the_same_card_is_fresh(self) -> None:
        assert self._seen().look(7, 2, 100, 1, NOW) == Fresh()

    def test_counters_wrap(self) -> None:
        assert self._seen(MAX_COUNTER).look(7, 1, 0, 1, NOW) == Fresh()
        assert self._seen(0).look(7, 1, MAX_COUNTER, 1, NOW) == Replayed(1, NOW)

    def test_memory_follows_the_scans_of_half_a_minute(self) -> None:
        guard = ReplayGuard()
        for second in range(600):
            moment = NOW + timedelta(seconds=second)
            guard.look(second, 1, 1, 1, moment)
            guard.remember(second, 1, 1, 1, moment)

        assert len(guard) <= 32

    def test_a_clock_set_back_by_a_second_forgets_nothing(self) -> None:
        assert self._seen().look(7, 1, 100, 2, NOW - timedelta(seconds=1)) == Replayed(1, NOW)
