"""Datagrams over UDP: to the venue's multicast group, or one by one to the hosts that are named."""

import contextlib
import errno
import socket
from typing import Protocol

from typing_extensions import override

from reader_service.peers.datagrams import MOST_BYTES
from reader_service.settings import PeerSettings

_LOOPBACK = "127.0.0.1"
_ANY = "0.0.0.0"  # noqa: S104 - the network card is the system's choice unless one is named
_GONE = frozenset({errno.ECONNREFUSED, errno.EAGAIN})


class Transport(Protocol):
    """Carries datagrams to all other readers of the venue, or not: it promises nothing."""

    def fileno(self) -> int:
        """Return what can be waited for."""
        ...

    def send(self, data: bytes) -> bool:
        """Send to all; False where it did not even leave."""
        ...

    def receive(self) -> bytes | None:
        """Return a datagram that came, None where there is none now."""
        ...

    def refresh(self) -> None:
        """Join again what a network that came back has forgotten; called now and then."""
        ...

    def close(self) -> None:
        """Let go of the network."""
        ...


class _Listening:
    """What receives."""

    def __init__(self, address: tuple[str, int], *, shared: bool) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            if shared:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind(address)
            self._socket.setblocking(False)
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        """Return what can be waited for (see `Transport`)."""
        return self._socket.fileno()

    def receive(self) -> bytes | None:
        """Return a datagram that came (see `Transport`)."""
        try:
            return self._socket.recv(MOST_BYTES + 1)
        except BlockingIOError:
            return None
        except OSError:
            return b""  # Where one was sent before, nobody listens: that says nothing of others.

    def close(self) -> None:
        """Let go of the network."""
        self._socket.close()


class Unicast(_Listening):
    """To each host by itself: where switches or access points keep multicast back."""

    def __init__(self, settings: PeerSettings) -> None:
        """Listen.

        Raises:
            OSError: the port is taken.
        """
        super().__init__((settings.interface or _ANY, settings.port), shared=False)
        self._hosts = [(name, int(port)) for name, port in map(_split, settings.hosts)]

    def send(self, data: bytes) -> bool:
        """Send to each (see `Transport`)."""
        sent = True
        for host in self._hosts:
            try:
                self._socket.sendto(data, host)
            except OSError as error:
                sent = sent and error.errno in _GONE
        return sent

    def refresh(self) -> None:
        """Nothing is joined here."""


class Multicast(_Listening):
    """To whoever listens to the group on this network; several processes of a machine may."""

    def __init__(self, settings: PeerSettings) -> None:
        """Listen.

        Raises:
            OSError: the port is taken by another program.
        """
        super().__init__((settings.group, settings.port), shared=True)
        self._settings = settings
        self._to = (settings.group, settings.port)
        self._sending = _sending(settings.interface)
        self._beside = _sending(_LOOPBACK)
        self.refresh()

    def send(self, data: bytes) -> bool:
        """Send to the group; without a network, to the other processes of this machine."""
        for way in (self._sending, self._beside):
            with contextlib.suppress(OSError):
                way.sendto(data, self._to)
                return True
        return False

    def refresh(self) -> None:
        """Join the group where it is not joined yet (see `Transport`)."""
        group = socket.inet_aton(self._settings.group)
        for card in {self._settings.interface or _ANY, _LOOPBACK}:
            joined = group + socket.inet_aton(card)
            with contextlib.suppress(OSError):  # Joined already, or no such network now.
                self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joined)

    @override
    def close(self) -> None:
        """Let go of the network."""
        super().close()
        self._sending.close()
        self._beside.close()


def open_transport(settings: PeerSettings) -> Transport:
    """Return what the settings ask for.

    Raises:
        OSError: the port is taken.
    """
    return Unicast(settings) if settings.hosts else Multicast(settings)


def _sending(card: str | None) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    # One hop: what lanes tell each other never leaves the venue's own network.
    made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
    made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
    if card is not None:
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(card))
    return made


def _split(host: str) -> tuple[str, str]:
    name, _, port = host.rpartition(":")
    return name, port
