"""Binding this phone to a card by an enrolment code 激活码."""

import hashlib

from mobile.core.card import Card, IssuedCertificate, read_instant
from mobile.core.trouble import NONSENSE, NOT_UNDERSTOOD, WRONG_KEY, Trouble
from mobile.services.backend import Backend, Data
from mobile.services.city_time import CityTime
from mobile.services.session import Session
from mobile.services.wallet import Wallet
from shared.ecode.algorithms import SoftwareKey
from shared.wire.request_proof import thumbprint


class Enrolment:
    """Sends a code once, however often it is submitted.

    Its idempotency key follows from the code and the phone's key, so that an app that was killed
    before the answer came gets it when the code is typed again.
    """

    def __init__(
        self, backend: Backend, session: Session, time: CityTime, device_name: str
    ) -> None:
        self._backend = backend
        self._session = session
        self._time = time
        self._device_name = device_name

    async def submit(self, enrolment_code: str) -> Trouble | None:
        """Bind this phone; None when it is bound, else why not.

        The device key is stored before the code is spent, so that no code is lost to a full disk.
        """
        key = self._session.device_key()
        if isinstance(key, Trouble):
            return key
        request = {
            "idempotencyKey": _request_key(enrolment_code, key),
            "enrolmentCode": enrolment_code,
            "deviceName": self._device_name,
        }
        asked = self._time.reading()
        answer = await self._backend.ask("EnrolDevice", {"input": request}, key)
        if isinstance(answer, Trouble):
            return answer
        try:
            result = answer["enrolDevice"]
            if result["__typename"] == "Refusal":
                return Trouble.of_wire(result)
            wallet = self._wallet(result)
            self._time.settle(read_instant(result["serverTime"]), asked)
        except NONSENSE:
            return NOT_UNDERSTOOD
        return self._accept(wallet, key)

    def _wallet(self, result: Data) -> Wallet:
        return Wallet(
            card=Card.of_wire(result["card"]),
            certificate=IssuedCertificate.of_wire(result["certificate"]),
            visits=(),
            seen_at=self._time.now(),
            offset=self._time.offset,
        )

    def _accept(self, wallet: Wallet, key: SoftwareKey) -> Trouble | None:
        if wallet.certificate.certificate.claims.device_key != key.public:
            return WRONG_KEY
        self._session.keep(wallet)
        return None


def _request_key(enrolment_code: str, key: SoftwareKey) -> str:
    named = f"{enrolment_code} {thumbprint(key.public)}"
    return f"enrol_{hashlib.sha256(named.encode()).hexdigest()[:32]}"
