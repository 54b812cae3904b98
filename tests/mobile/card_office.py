"""A small backend for the app's tests, on a real socket, that can be made to misbehave.

It shares no code with the product's backend: graphql-core answers on the committed schema, and the
rules are what the contract promises.
"""

import base64
import contextlib
import json
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from wsgiref.handlers import format_date_time

from graphql import build_schema, graphql_sync
from typing_extensions import override

from shared.clock import Clock
from shared.ecode.algorithms import Algorithm, PublicKey, SoftwareKey
from shared.ecode.certificate import (
    AgeBand,
    CertificateClaims,
    ConcessionLevel,
    issue_certificate,
)
from shared.ecode.verify import CardStatus, CodeVerifier
from shared.trust.trust_list import KeyUse, TrustedKey, TrustList
from shared.wire.request_proof import HEADER, RequestRefused, read_request
from tests.mobile.account_desk import AccountDesk, TokenRefused
from tests.mobile.booking_desk import BookingDesk
from tests.mobile.exam_desk import ExamDesk
from tests.mobile.library_desk import LibraryDesk
from tests.mobile.pass_desk import PassDesk
from tests.mobile.stored_value_desk import StoredValueDesk

REGION = 360700
CODE = "3141592653"
CARD_ID = "card_kXyZ012345"
SCHEMA = build_schema(Path("backend/schema.graphql").read_text("utf-8"))
WRONG = {
    "__typename": "Refusal",
    "code": "enrolment_code_wrong",
    "text": {"zh": "激活码不对", "en": "The activation code is wrong"},
    "nextStep": {"zh": "请核对后重新输入", "en": "Check it and enter it again"},
}
CLOCK_OFF = {
    "type": "about:blank",
    "title": "clock_off",
    "status": 401,
    "code": "clock_off",
    "detail": {"zh": "设备时钟不准", "en": "The device's clock is off"},
    "next_step": {"zh": "请打开自动时间", "en": "Turn on automatic time"},
}


NOT_NOW = {
    "__typename": "Refusal",
    "code": "card_suspended",
    "text": {"zh": "这张卡已临时挂失。", "en": "This card is suspended."},
    "nextStep": {"zh": "找到卡后请解除挂失。", "en": "Lift the suspension."},
}
RATED_BEFORE = {
    "__typename": "Refusal",
    "code": "survey_already_rated",
    "text": {"zh": "这次服务已评价过。", "en": "This was rated already."},
    "nextStep": {"zh": "感谢您的评价，不用再评。", "en": "Nothing more is needed."},
}
CARD_OF_ANOTHER = {
    "__typename": "Refusal",
    "code": "card_of_another",
    "text": {"zh": "这部手机绑定的是别人的卡。", "en": "This phone shows another's card."},
    "nextStep": {"zh": "请持卡人本人登录。", "en": "Let the card's holder sign in."},
}
_SERVICES = {
    "ACTIVE": ("SUSPEND", "REPORT_LOST", "CHANGE_PIN"),
    "SUSPENDED": ("LIFT_SUSPENSION", "REPORT_LOST"),
    "LOST": ("REPLACE",),
}
_AFTER = {"SUSPEND": "SUSPENDED", "LIFT_SUSPENSION": "ACTIVE", "REPORT_LOST": "LOST"}


class EveryCardActive:
    """A status list without an entry."""

    def status(self, *_: int) -> CardStatus:
        """Return active."""
        return CardStatus.ACTIVE


@dataclass
class CardOffice:
    """Issues certificates and answers the app; its attributes are what a test may change."""

    clock: Clock
    state: str = "ACTIVE"
    card_id: str = CARD_ID
    name: str = "钟*明"
    lifetime_hours: int = 48
    codes: set[str] = field(default_factory=lambda: {CODE})
    visits: list[dict[str, Any]] = field(default_factory=list)
    life: list[dict[str, Any]] = field(default_factory=list)
    full_name: str = "钟晓明"
    renew_after: datetime | None = None
    refuse_card: dict[str, Any] | None = None
    refuse_service: dict[str, Any] | None = None
    refuse_renewal: dict[str, Any] | None = None
    broken: bytes | None = None
    loses_answers: bool = False
    service_keys: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    refuse_file: dict[str, Any] | None = None
    cuts_files: int | None = None
    asked: list[str] = field(default_factory=list)
    wishes: list[dict[str, Any]] = field(default_factory=list)
    personalised: bool = False
    exams: list[dict[str, Any]] = field(default_factory=list)
    refuse_exams: dict[str, Any] | None = None
    chosen: list[bool] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    rated: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.issuer = SoftwareKey.generate(Algorithm.ED25519)
        self.answers: dict[str, dict[str, Any]] = {}
        self.desk = AccountDesk(self.clock)
        self.booking = BookingDesk(self.clock)
        self.passes = PassDesk(self.clock)
        self.library = LibraryDesk(self.clock)
        self.exam = ExamDesk(self.clock)
        self.stored = StoredValueDesk(self.clock)
        self.subsidies: list[dict[str, Any]] = []
        office = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = self.headers.get(HEADER), self.headers.get("Authorization")
                status, answer = office.answer(headers, self.path, body)
                if office.loses_answers:
                    status, answer = 502, b"a proxy's page"
                self.send_response_only(status)
                self.send_header("Date", format_date_time(office.clock.now().timestamp()))
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # the app was closed meanwhile
                    self.wfile.write(answer)

            def do_GET(self) -> None:
                headers = self.headers.get(HEADER), self.headers.get("Authorization")
                status, answer = office.file(headers, self.path)
                self.send_response_only(status)
                self.send_header("Date", format_date_time(office.clock.now().timestamp()))
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                with contextlib.suppress(ConnectionError):
                    self.wfile.write(answer[: office.cuts_files])
                self.close_connection = True

            @override
            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def verifier(self) -> CodeVerifier:
        """Return a reader's verifier that trusts this office."""
        now = self.clock.now()
        trusted = TrustedKey(
            REGION,
            1,
            KeyUse.CERTIFICATE,
            self.issuer.public,
            now - timedelta(days=1),
            now + timedelta(days=30),
        )
        return CodeVerifier(TrustList((trusted,), now, now + timedelta(days=30)), EveryCardActive())

    def add_visit(self, venue: str, verdict: str = "ADMITTED", reason: str = "") -> None:
        """Book a visit of this moment."""
        self.visits.insert(
            0,
            {
                "id": f"visit_{len(self.visits)}",
                "at": self.clock.now().isoformat(),
                "venueName": {"zh": venue, "en": f"{venue} in English"},
                "laneName": {"zh": "1 号通道", "en": "Lane 1"},
                "medium": "ECODE",
                "verdict": verdict,
                "reason": {"zh": reason, "en": f"{reason} in English"} if reason else None,
            },
        )

    def answer(
        self, headers: tuple[str | None, str | None], path: str, body: bytes
    ) -> tuple[int, bytes]:
        """Answer one request; `headers` are its proof and its authorization."""
        if self.broken is not None:
            return 500, self.broken
        try:
            proven = read_request(headers[0], "POST", path, body, self.clock.now())
            request = json.loads(body)
            self.asked.append(request["operationName"])
            self.wishes.append(request["variables"])
            session = self.desk.session_of(headers[1], proven.thumbprint)
        except RequestRefused as error:
            if error.code != "clock_off":
                raise
            return 401, json.dumps(CLOCK_OFF).encode()
        except TokenRefused as error:
            return 401, json.dumps(error.problem).encode()
        key = proven.public
        root = {
            "enrolDevice": lambda _info, **given: self._enrol(given["input"], key),
            "renewCertificate": lambda _info, **_given: self._renew(key),
            "card": self.refuse_card or self._card(),
            "visits": lambda _info, **given: {
                "nodes": self.visits[: given["first"]],
                "pageInfo": {"hasNextPage": False, "endCursor": None},
            },
            "subsidies": lambda _info, **given: {
                "__typename": "SubsidyConnection",
                "nodes": self.subsidies[: given["first"]],
                "pageInfo": {"hasNextPage": False, "endCursor": None},
            },
            "recommendations": lambda _info, **_given: self._recommended(),
            "chooseRecommendations": lambda _info, **given: self._choose(given["input"], session),
            "examSeats": self.refuse_exams or {"__typename": "ExamSeatList", "seats": self.exams},
            "ratableVisits": lambda _info: {
                "__typename": "RatableVisitList",
                "nodes": self.waiting,
            },
            "rateVisit": lambda _info, **given: self._rate(given["input"]),
            "timeline": lambda _info, **given: self._timeline(**given),
            "serverTime": self.clock.now().isoformat(),
            "cardFace": {
                "__typename": "CardFace",
                "card": CARD_ID,
                "holderName": self.full_name,
            },
            "cardStanding": lambda _info: {"__typename": "CardStanding", **self._standing()},
            "suspendCard": lambda _info, **given: self._serve(given["input"], "SUSPEND"),
            "liftSuspension": lambda _info, **given: self._serve(
                given["input"], "LIFT_SUSPENSION", session
            ),
            "reportCardLost": lambda _info, **given: self._serve(
                given["input"], "REPORT_LOST", session
            ),
            **self.desk.resolvers(session, proven.thumbprint),
            **self.booking.resolvers(),
            **self.passes.resolvers(),
            **self.library.resolvers(),
            **self.exam.resolvers(),
            **self.stored.resolvers(),
        }
        result = graphql_sync(
            SCHEMA,
            request["query"],
            root,
            variable_values=request["variables"],
            operation_name=request["operationName"],
        )
        return 200, json.dumps(result.formatted).encode()

    def _recommended(self) -> dict[str, Any]:
        """Recommend every venue, and say what for."""
        basis = "OWN_VISITS" if self.personalised else "EVERYBODY"
        why = {"zh": "全市推荐", "en": "Recommended to everybody"}
        nodes = [{"venue": one, "why": why} for one in self.booking.venues]
        told = {"personalised": self.personalised, "basis": basis, "nodes": nodes}
        return {"__typename": "Recommendations", **told}

    def _choose(self, given: dict[str, Any], session: object | None) -> dict[str, Any]:
        """Switch once a key."""
        assert session is not None, "switched without a sign-in"
        key = given["idempotencyKey"]
        if key not in self.answers:
            self.personalised = given["personalised"]
            self.chosen.append(self.personalised)
            told = {"__typename": "RecommendationsChosen", "personalised": self.personalised}
            self.answers[key] = told
        return self.answers[key]

    def _rate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Count a rating once a key; a visit that was rated is refused."""
        visit, key = given["visit"], given["idempotencyKey"]
        if key not in self.answers:
            if all(one["visit"] != visit for one in self.waiting):
                return RATED_BEFORE
            self.rated.append((visit, given["satisfaction"]))
            self.waiting = [one for one in self.waiting if one["visit"] != visit]
            self.answers[key] = {"__typename": "VisitRated", "visit": visit}
        return self.answers[key]

    def _timeline(
        self, first: int, after: str | None = None, categories: list[str] | None = None
    ) -> dict[str, Any]:
        """Page through `life` by its places in it."""
        rows = [row for row in self.life if categories is None or row["category"] in categories]
        start = int(after or 0)
        end = start + first
        return {
            "__typename": "TimelineConnection",
            "nodes": rows[start:end],
            "pageInfo": {"hasNextPage": len(rows) > end, "endCursor": str(end)},
        }

    def _standing(self) -> dict[str, Any]:
        words = {"zh": "状态", "en": "state"}
        services = [{"service": name, "name": words} for name in _SERVICES.get(self.state, ())]
        return {
            "card": CARD_ID,
            "state": self.state,
            "stateWords": words,
            "availableServices": services,
            "allowedActions": [],
        }

    def _serve(
        self, given: dict[str, str], service: str, session: object | None = True
    ) -> dict[str, Any]:
        """Do a card service once a key; all but the suspension need a `session`."""
        assert session is not None, f"{service} without a sign-in"
        if self.refuse_service is not None:
            return self.refuse_service
        key = given["idempotencyKey"]
        if key not in self.service_keys:
            self.service_keys.append(key)
            if service not in _SERVICES.get(self.state, ()):
                return NOT_NOW
            self.state = _AFTER[service]
        return {"__typename": "CardServed", "standing": self._standing()}

    def file(self, headers: tuple[str | None, str | None], path: str) -> tuple[int, bytes]:
        """Answer with a file of the resident's who is signed in."""
        proven = read_request(headers[0], "GET", path, b"", self.clock.now())
        self.asked.append(path)
        try:
            session = self.desk.session_of(headers[1], proven.thumbprint)
        except TokenRefused as error:
            return 401, json.dumps(error.problem).encode()
        assert session is not None, "a copy without a sign-in"
        if self.refuse_file is not None:
            return 429, json.dumps(self.refuse_file).encode()
        return 200, self.files[path]

    def _enrol(self, request: dict[str, str], key: PublicKey) -> dict[str, Any]:
        repeated = self.answers.get(request["idempotencyKey"])
        if repeated is not None:
            return repeated
        if request["enrolmentCode"] not in self.codes:
            return WRONG
        self.codes.remove(request["enrolmentCode"])
        answer = {
            "__typename": "EnrolledDevice",
            "card": self._card(),
            "certificate": self._certificate(key),
            "serverTime": self.clock.now().isoformat(),
        }
        self.answers[request["idempotencyKey"]] = answer
        return answer

    def _renew(self, key: PublicKey) -> dict[str, Any]:
        return self.refuse_renewal or {
            "__typename": "RenewedCertificate",
            "certificate": self._certificate(key),
            "serverTime": self.clock.now().isoformat(),
        }

    def _card(self) -> dict[str, Any]:
        now = self.clock.now()
        return {
            "__typename": "Card",
            "id": self.card_id,
            "maskedName": self.name,
            "maskedNumber": "3607**********1234",
            "region": {"code": REGION, "name": {"zh": "江西省赣州市", "en": "Ganzhou"}},
            "state": self.state,
            "stateWords": {"zh": "状态", "en": "state"},
            "cardNumberTail": "5341",
            "ageBand": "ADULT",
            "certificate": {
                "notAfter": now.isoformat(),
                "renewAfter": (self.renew_after or now).isoformat(),
            },
        }

    def _certificate(self, key: PublicKey) -> dict[str, str]:
        start = self.clock.now().replace(minute=0, second=0, microsecond=0)
        claims = CertificateClaims(
            region=REGION,
            issuer_key_id=1,
            card_index=7,
            device_serial=1,
            age_band=AgeBand.ADULT,
            concession=ConcessionLevel.NONE,
            represented=False,
            not_before=start,
            lifetime_hours=self.lifetime_hours,
            device_key=key,
        )
        raw = issue_certificate(claims, self.issuer).raw
        self.renew_after = _renew_after(start, claims.not_after)
        return {
            "certificate": base64.urlsafe_b64encode(raw).rstrip(b"=").decode(),
            "notBefore": start.isoformat(),
            "notAfter": claims.not_after.isoformat(),
            "renewAfter": self.renew_after.isoformat(),
        }


def _renew_after(start: datetime, end: datetime) -> datetime:
    return start + (end - start) / 2
