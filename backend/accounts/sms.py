"""Sending SMS: what a gateway must do, and the sandbox that stands in for one."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from shared.clock import Clock

KEPT = 50


class SmsGateway(Protocol):
    """Sends text messages through an operator's gateway."""

    async def send(self, phone: str, text: str, reference: str = "") -> None:
        """Hand one message over; it may be lost afterwards, and the person asks for another.

        One with a `reference` may be handed over again by a server that died; the gateway sends
        what has the same reference once.
        """
        ...


class SmsOutbox:
    """Hands messages to the gateway beside the answer, whose time must tell nothing."""

    def __init__(self, gateway: SmsGateway | None) -> None:
        self._gateway = gateway
        self._sending: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> bool:
        """Whether the city has a gateway at all."""
        return self._gateway is not None

    def post(self, phone: str, text: str) -> None:
        """Send a message without waiting for the gateway; without one, none is sent."""
        if self._gateway is None:
            return
        task = asyncio.create_task(self._gateway.send(phone, text))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)


@dataclass(frozen=True, slots=True)
class SmsMessage:
    """A message that was never sent."""

    at: datetime
    phone: str = field(repr=False)
    text: str = field(repr=False)


class SandboxSms:
    """Sends nothing and keeps the last messages in memory, for its inbox page in development."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._messages: deque[SmsMessage] = deque(maxlen=KEPT)
        self._references: deque[str] = deque(maxlen=KEPT)

    async def send(self, phone: str, text: str, reference: str = "") -> None:
        """Put a message into the inbox, unless one of the same reference was."""
        if reference and reference in self._references:
            return
        if reference:
            self._references.append(reference)
        self._messages.appendleft(SmsMessage(self._clock.now(), phone, text))

    def inbox(self) -> list[SmsMessage]:
        """Return the last messages, newest first."""
        return list(self._messages)
