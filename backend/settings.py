"""What the operator decides, read once from the environment (prefix `YIKATONG_`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from backend.figures import (
    AccountPolicy,
    BookingFigures,
    CardFigures,
    LicenceFigures,
    MandateFigures,
    NoShowRule,
    RegistrationPolicy,
    RightsPolicy,
    Sip2Figures,
)
from shared.localized_text import LocalizedText

_NO_SHOWS_KEPT_DAYS = 180
"""Bookings are kept so long, and what is no longer known cannot count."""
_NO_SHOW_RULE = re.compile(r"(VISIT|COURT|APPOINTMENT)=([1-9]|[1-9]\d)/([1-9]\d?)/([1-9]\d?)")

Choice = TypeVar("Choice", bound=StrEnum)
PREFIX = "YIKATONG_"
GANZHOU = 360700  # 赣州


class StartRefused(Exception):
    """The program cannot start as it is set up; `text` says why and what to do."""

    def __init__(self, text: LocalizedText) -> None:
        super().__init__(text.en)
        self.text = text


class Suite(StrEnum):
    """The algorithms of keys to be made: AES and SHA-256, or SM4 and SM3 (密评, 密码法 Art 27)."""

    INTL = "intl"
    SM = "sm"


class KmsKind(StrEnum):
    """What keeps the key-encryption keys: files (development), or an HSM by PKCS#11."""

    FILE = "file"
    PKCS11 = "pkcs11"


@dataclass(frozen=True, slots=True)
class KeyCustody:
    """How keys are kept; `pkcs11_module` is the HSM's library, `pkcs11_token` its token's label."""

    suite: Suite
    kms: KmsKind
    pkcs11_module: str | None
    pkcs11_token: str


class Environment(StrEnum):
    """Development makes what is missing; production refuses to start without it."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Settings:
    """The backend's settings.

    `mongodb_uri` None means the embedded mongod; `mongod` names its binary and `mongod_port` fixes
    its port. `region` is the issuing city's GB/T 2260 number; its English
    name stands in no public table, so it is set with it.
    """

    environment: Environment
    data_dir: Path
    keys_dir: Path
    mongodb_uri: str | None
    mongod: str | None
    mongod_port: int | None
    database: str
    host: str
    port: int
    region: int
    region_name_en: str
    accounts: AccountPolicy
    cards: CardFigures
    custody: KeyCustody
    registration: RegistrationPolicy
    rights: RightsPolicy
    bookings: BookingFigures
    mandates: MandateFigures
    sip2: Sip2Figures
    licences: LicenceFigures = field(default_factory=LicenceFigures)

    @property
    def production(self) -> bool:
        """Whether real residents are served."""
        return self.environment is Environment.PRODUCTION


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises:
        StartRefused: a value is wrong or missing; the text names the variable.
    """
    environment = _environment(environ)
    data_dir = Path(_value(environ, "DATA_DIR") or ".data").absolute()
    keys_dir = _value(environ, "KEYS_DIR")
    # The name without the prefix is the one that other tools of MongoDB's world use.
    uri = (
        _value(environ, "MONGODB_URI")
        or environ.get("MONGODB_URI", "").strip()
        or _in_file(environ, "MONGODB_URI_FILE")
    )
    if environment is Environment.PRODUCTION:
        for name, value in (("KEYS_DIR", keys_dir), ("MONGODB_URI", uri)):
            if value is None:
                raise _missing(name)
    return Settings(
        environment=environment,
        data_dir=data_dir,
        keys_dir=Path(keys_dir).absolute() if keys_dir else data_dir / "keys",
        mongodb_uri=uri,
        mongod=environ.get("MONGOD") or None,
        mongod_port=_number(environ, "MONGOD_PORT", None, 1, 65535),
        database=_value(environ, "DATABASE") or "yikatong",
        host=_value(environ, "HOST") or "127.0.0.1",
        port=_required_number(environ, "PORT", 8000, 1, 65535),
        region=_required_number(environ, "REGION", GANZHOU, 110000, 999999),
        region_name_en=_value(environ, "REGION_NAME_EN") or _default_region_name(environ),
        accounts=_account_policy(environ, production=environment is Environment.PRODUCTION),
        cards=_card_figures(environ),
        custody=_key_custody(environ),
        registration=_registration_policy(environ),
        rights=RightsPolicy(
            copies_per_hour=_required_number(environ, "COPIES_PER_HOUR", 10, 1, 1_000),
            closing_days=_required_number(environ, "CLOSING_DAYS", 15, 1, 15),
        ),
        bookings=_booking_figures(environ),
        mandates=_mandate_figures(environ),
        sip2=_sip2_figures(environ),
        licences=_licence_figures(environ),
    )


def _licence_figures(environ: Mapping[str, str]) -> LicenceFigures:
    usual = LicenceFigures()

    def number(name: str, default: int) -> int:
        return _required_number(environ, "LICENCE_" + name, default, 1, 60)

    return LicenceFigures(
        decide_minutes=number("DECIDE_MINUTES", usual.decide_minutes),
        grant_minutes=number("GRANT_MINUTES", usual.grant_minutes),
    )


def _sip2_figures(environ: Mapping[str, str]) -> Sip2Figures:
    usual = Sip2Figures()
    files = {name: _value(environ, "SIP2_" + name) for name in ("CERTIFICATE", "KEY")}
    for name, path in files.items():
        if path is None and any(files.values()):
            raise _missing_beside("SIP2_" + name)
    certificate, key = (None if path is None else Path(path) for path in files.values())
    return Sip2Figures(
        host=_value(environ, "SIP2_HOST") or usual.host,
        port=_required_number(environ, "SIP2_PORT", usual.port, 1, 65535),
        certificate=certificate,
        key=key,
        machines=_required_number(environ, "SIP2_MACHINES", usual.machines, 1, 10_000),
    )


def _card_figures(environ: Mapping[str, str]) -> CardFigures:
    usual = CardFigures()
    return CardFigures(
        renewal_days=_required_number(environ, "CARD_RENEWAL_DAYS", usual.renewal_days, 1, 366),
        pin_tries=_required_number(environ, "CARD_PIN_TRIES", usual.pin_tries, 3, 10),
        pin_unlocks=_required_number(environ, "CARD_PIN_UNLOCKS", usual.pin_unlocks, 1, 100),
        valid_years=_required_number(environ, "CARD_VALID_YEARS", usual.valid_years, 1, 30),
        bound_devices=_required_number(environ, "CARD_PHONES", usual.bound_devices, 1, 20),
        certificate_hours=_required_number(
            environ, "CERTIFICATE_HOURS", usual.certificate_hours, 2, 255
        ),
        paper_prints=_required_number(environ, "PAPER_PRINTS", usual.paper_prints, 1, 50),
        # Readers are told of a void paper for as long as the status list looks back.
        paper_days_ahead=_required_number(
            environ, "PAPER_DAYS_AHEAD", usual.paper_days_ahead, 0, 7
        ),
    )


def _booking_figures(environ: Mapping[str, str]) -> BookingFigures:
    usual = BookingFigures()

    def number(name: str, default: int, low: int, high: int) -> int:
        return _required_number(environ, "BOOKING_" + name, default, low, high)

    return BookingFigures(
        hold_minutes=number("HOLD_MINUTES", usual.hold_minutes, 1, 1_440),
        offer_minutes=number("OFFER_MINUTES", usual.offer_minutes, 1, 2_880),
        per_day=number("PER_DAY", usual.per_day, 1, 100),
        ahead=number("AHEAD", usual.ahead, 1, 200),
        waiting=number("WAITING", usual.waiting, 1, 1_000),
        days_ahead=number("DAYS_AHEAD", usual.days_ahead, 1, 60),
        check_in_minutes=number("CHECK_IN_MINUTES", usual.check_in_minutes, 1, 720),
        no_shows=_no_show_rules(environ, usual.no_shows),
    )


def _no_show_rules(
    environ: Mapping[str, str], usual: Mapping[str, NoShowRule]
) -> Mapping[str, NoShowRule]:
    """Read `VISIT=3/60/30, COURT=3/60/30`, or `none`: a kind that is not named is never paused."""
    name = "BOOKING_NO_SHOWS"
    text = _value(environ, name)
    if text is None:
        return usual
    if text == "none":
        return {}
    rules: dict[str, NoShowRule] = {}
    for part in text.split(","):
        found = _NO_SHOW_RULE.fullmatch(part.strip())
        most, within, paused = map(int, found.groups()[1:]) if found else (0, 0, 0)
        if found is None or within + paused > _NO_SHOWS_KEPT_DAYS:
            raise _wrong(name, "VISIT=3/60/30, COURT=3/60/30, APPOINTMENT=3/90/60")
        rules[found[1]] = NoShowRule(most, within, paused)
    return rules


def _mandate_figures(environ: Mapping[str, str]) -> MandateFigures:
    usual = MandateFigures()

    def number(name: str, default: int, low: int, high: int) -> int:
        return _required_number(environ, "MANDATE_" + name, default, low, high)

    return MandateFigures(
        consent_age=number("CONSENT_AGE", usual.consent_age, 8, 18),
        deciding_age=number("DECIDING_AGE", usual.deciding_age, 14, 18),
        adult_age=number("ADULT_AGE", usual.adult_age, 18, 18),
        elders=number("ELDERS", usual.elders, 0, 20),
        children=number("CHILDREN", usual.children, 0, 20),
        spouses=number("SPOUSES", usual.spouses, 0, 1),
        others=number("OTHERS", usual.others, 0, 20),
        delegates=number("DELEGATES", usual.delegates, 1, 10),
        bindings_per_month=number("BINDINGS_PER_MONTH", usual.bindings_per_month, 1, 100),
        cool_down_hours=number("COOL_DOWN_HOURS", usual.cool_down_hours, 1, 168),
        dormant_days=number("DORMANT_DAYS", usual.dormant_days, 30, 365),
        review_days=number("REVIEW_DAYS", usual.review_days, 30, 365),
        false_claim_days=number("FALSE_CLAIM_DAYS", usual.false_claim_days, 0, 3_650),
        agent_acts_per_day=number("AGENT_ACTS_PER_DAY", usual.agent_acts_per_day, 1, 1_000),
        showing_phones=number("SHOWING_PHONES", usual.showing_phones, 1, 20),
    )


def _account_policy(environ: Mapping[str, str], *, production: bool) -> AccountPolicy:
    least_kib, least_passes = (19_456, 2) if production else (8, 1)

    def number(name: str, default: int, low: int, high: int) -> int:
        return _required_number(environ, name, default, low, high)

    return AccountPolicy(
        password_kib=number("PASSWORD_KIB", 65_536, least_kib, 1_048_576),
        password_passes=number("PASSWORD_PASSES", 3, least_passes, 20),
        password_lanes=number("PASSWORD_LANES", 4, 1, 16),
        password_workers=number("PASSWORD_WORKERS", 2, 1, 64),
        tries=number("SIGN_IN_TRIES", 5, 3, 100),
        lock_seconds=number("SIGN_IN_LOCK_SECONDS", 900, 30, 86_400),
        # One address may be a whole company or a carrier's gateway.
        address_tries=number("ADDRESS_TRIES", 50, 5, 10_000),
        address_lock_seconds=number("ADDRESS_LOCK_SECONDS", 600, 30, 86_400),
        sms_per_hour=number("SMS_PER_HOUR", 5, 1, 100),
        sms_code_tries=number("SMS_CODE_TRIES", 5, 3, 10),
        access_seconds=number("ACCESS_SECONDS", 600, 60, 600),
        session_days=number("SESSION_DAYS", 30, 1, 365),
        staff_session_hours=number("STAFF_SESSION_HOURS", 10, 1, 24),
        # A counter serves some twenty people an hour; whoever reads many more copies them out.
        staff_reads_per_hour=number("STAFF_READS_PER_HOUR", 120, 5, 10_000),
    )


def _key_custody(environ: Mapping[str, str]) -> KeyCustody:
    return KeyCustody(
        suite=_choice(environ, "SUITE", Suite.INTL),
        kms=_choice(environ, "KMS", KmsKind.FILE),
        pkcs11_module=_value(environ, "PKCS11_MODULE"),
        pkcs11_token=_value(environ, "PKCS11_TOKEN") or "yikatong",
    )


def _registration_policy(environ: Mapping[str, str]) -> RegistrationPolicy:
    return RegistrationPolicy(longest_name=_required_number(environ, "NAME_LONGEST", 50, 2, 200))


def _value(environ: Mapping[str, str], name: str) -> str | None:
    return environ.get(PREFIX + name, "").strip() or None


def _in_file(environ: Mapping[str, str], name: str) -> str | None:
    """Return what stands in the file that a variable names: an address may hold a password."""
    path = _value(environ, name)
    if path is None:
        return None
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(name) from error
    if not text:
        raise _unreadable(name)
    return text


def _environment(environ: Mapping[str, str]) -> Environment:
    return _choice(environ, "ENVIRONMENT", Environment.DEVELOPMENT)


def _choice(environ: Mapping[str, str], name: str, default: Choice) -> Choice:
    """Return a member of the enumeration that `default` belongs to."""
    kind = type(default)
    try:
        return kind(_value(environ, name) or default.value)
    except ValueError as error:
        raise _wrong(name, " / ".join(member.value for member in kind)) from error


def _required_number(
    environ: Mapping[str, str], name: str, default: int, low: int, high: int
) -> int:
    number = _number(environ, name, default, low, high)
    return default if number is None else number


def _number(
    environ: Mapping[str, str], name: str, default: int | None, low: int, high: int
) -> int | None:
    text = _value(environ, name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise _wrong(name, f"{low}-{high}")
    return int(text)


def _default_region_name(environ: Mapping[str, str]) -> str:
    region = _value(environ, "REGION")
    return "Ganzhou" if region in {None, str(GANZHOU)} else str(region)


def _wrong(name: str, allowed: str) -> StartRefused:
    return StartRefused(
        LocalizedText(
            f"环境变量 {PREFIX}{name} 的值不对，可用：{allowed}。请改正后再启动。",
            f"The environment variable {PREFIX}{name} has a wrong value; allowed: {allowed}. "
            "Correct it and start again.",
        )
    )


def _unreadable(name: str) -> StartRefused:
    return StartRefused(
        LocalizedText(
            f"环境变量 {PREFIX}{name} 指向的文件读不出内容。请检查路径和权限后再启动。",
            f"The file that {PREFIX}{name} names cannot be read or is empty. "
            "Check its path and rights and start again.",
        )
    )


def _missing(name: str) -> StartRefused:
    return StartRefused(
        LocalizedText(
            f"生产环境必须设置环境变量 {PREFIX}{name}。",
            f"Production needs the environment variable {PREFIX}{name}; set it and start again.",
        )
    )


def _missing_beside(name: str) -> StartRefused:
    return StartRefused(
        LocalizedText(
            f"证书和私钥须同时设置：缺少环境变量 {PREFIX}{name}。",
            f"A certificate and its key go together: set {PREFIX}{name} and start again.",
        )
    )
