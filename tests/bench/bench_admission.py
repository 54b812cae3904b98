"""What one admission decision costs, beside the signature check that every code needs anyway."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from shared.admission.circumstances import Circumstances, DayRange
from shared.admission.evidence import Evidence
from shared.admission.holder_conditions import TreatedAsLocal
from shared.admission.regions import Partner, RegionAgreement, RegionRules
from shared.admission.rules import AdmissionRules, decide
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.localized_text import LocalizedText
from tests.bench.measure import Row, interleave, microseconds
from tests.vectors.admission import cases, rule_sets

ROUNDS = 4000
BARE_VERIFY = "one bare Ed25519 verification"
BARE_LOOKUP = "one bare dict look-up"
READ = "read the bus line's rules from the wire"
_VECTORS = {
    "decide: no conditions of its own": "one-holder-library",
    "decide: open, and a booking, a pass or an elder": "slot-tolerance",
    "decide: the same, closed, with when it opens": "elder-on-monday",
    "decide: six fares by age, category, agreement": "by-the-band-of-a-code",
    "decide: five price rules, two of them stacking": "local-in-autumn",
}

Asked = tuple[Evidence, Circumstances, AdmissionRules]


def run() -> list[Row]:
    """Measure decisions of growing size, and reading rules from the wire."""
    by_name = {case.name: case for case in cases()}
    asked: dict[str, Asked] = {}
    for subject, name in _VECTORS.items():
        case = by_name[name]
        asked[subject] = (case.evidence, case.around, case.rules)
    visitor = replace(by_name["gym"].evidence, region=330421)
    asked["decide: an alliance of 41 cities"] = (visitor, by_name["gym"].around, _alliance())
    key, message = SoftwareKey.generate(Algorithm.ED25519), secrets.token_bytes(120)
    signature = key.sign(message)
    table, wire = dict.fromkeys(range(100_000), 1), rule_sets()["bus"].to_wire()
    samples = interleave(
        {
            **{subject: _decider(parts) for subject, parts in asked.items()},
            READ: lambda: AdmissionRules.of_wire(wire),
            BARE_LOOKUP: lambda: table[77_777],
            BARE_VERIFY: lambda: key.public.verify(signature, message),
        },
        ROUNDS,
    )
    bare = samples[BARE_VERIFY].p50()
    rows = [
        Row(
            f"{subject}, {1e6 / samples[subject].p50():,.0f}/s",
            microseconds(samples[subject]),
            BARE_VERIFY,
            samples[subject].p50() / bare,
            "median ≤ one verification",
            samples[subject].p50() <= bare,
        )
        for subject in asked
    ]
    read = samples[READ]
    return [
        *rows,
        Row(READ, microseconds(read), BARE_VERIFY, read.p50() / bare),
        *(Row(name, microseconds(samples[name])) for name in (BARE_LOOKUP, BARE_VERIFY)),
    ]


def _decider(asked: Asked) -> Callable[[], object]:
    return lambda: decide(*asked)


def _alliance() -> AdmissionRules:
    """Return rules with the cities of the Yangtze delta as partners of one agreement."""
    cities = [region * 100 for region in (*range(3201, 3214), *range(3301, 3312))]
    cities += [region * 100 for region in (3100, *range(3401, 3417))]
    days = DayRange(date(2026, 1, 1))
    agreement = RegionAgreement(
        "delta",
        LocalizedText("长三角", "Yangtze delta"),
        tuple(Partner(city, days) for city in cities),
    )
    return AdmissionRules(
        conditions=(TreatedAsLocal(),), region_rules=RegionRules(360700, (agreement,))
    )
