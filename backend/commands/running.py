"""How a command runs: in the installation's store, its answer printed or its refusal raised."""

import argparse
import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from backend.app import open_house
from backend.foundation.embedded_mongod import embedded_mongod, running_mongod
from backend.foundation.keys import Keys, load_keys
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from backend.settings import Settings, read_settings
from shared.clock import SystemClock
from shared.localized_text import LocalizedText

CLOCK = SystemClock()
Said = str | int | Refusal | None
Command = Callable[[argparse.Namespace], int | None]


class CommandRefused(Exception):
    """A command's wish is refused; `text` says why and what to do."""

    def __init__(self, text: LocalizedText) -> None:
        super().__init__(text.en)
        self.text = text


class Add(Protocol):
    """What `__main__` hands to each module of commands."""

    def __call__(self, name: str, words: str, run: Command) -> argparse.ArgumentParser:
        """Add a command that says `words` of itself; return where its options go."""


@dataclass(frozen=True, slots=True)
class Premises:
    """Where a command works: the installation's settings, its keys, its store and its services."""

    settings: Settings
    keys: Keys
    uri: str
    services: Services


def in_store(
    work: Callable[[Premises, argparse.Namespace], Awaitable[Said]],
) -> Callable[[argparse.Namespace], None]:
    """Return a command that does `work` in the installation's store, served or not.

    What `work` returns is printed, if it is anything. The command raises CommandRefused for a
    refusal.
    """

    def command(options: argparse.Namespace) -> None:
        settings = read_settings(os.environ)
        with any_store(settings) as uri:
            said = asyncio.run(_done(settings, uri, work, options))
        if isinstance(said, Refusal):
            raise _refused(said)
        if said is not None:
            print(said)

    return command


def of_area(
    work: Callable[[Services, argparse.Namespace], Awaitable[Said]],
) -> Callable[[argparse.Namespace], None]:
    """Return a command that does what an area's `commands.py` says."""

    async def with_services(here: Premises, options: argparse.Namespace) -> Said:
        return await work(here.services, options)

    return in_store(with_services)


async def _done(
    settings: Settings,
    uri: str,
    work: Callable[[Premises, argparse.Namespace], Awaitable[Said]],
    options: argparse.Namespace,
) -> Said:
    keys = load_keys(settings)
    async with open_house(settings, uri, keys, CLOCK, os.environ) as house:
        return await work(Premises(settings, keys, uri, house.services), options)


@contextmanager
def own_store(settings: Settings) -> Iterator[str]:
    """Yield the given server's URI, or that of a mongod of our own."""
    if settings.mongodb_uri is not None:
        yield settings.mongodb_uri
    else:
        with embedded_mongod(settings) as mongod:
            yield mongod.uri


@contextmanager
def any_store(settings: Settings) -> Iterator[str]:
    """Yield the store of this installation, that of a running server included."""
    running = None if settings.mongodb_uri else running_mongod(settings)
    if running is not None:
        yield running.uri
    else:
        with own_store(settings) as uri:
            yield uri


def _refused(refused: Refusal) -> CommandRefused:
    zh, en = refused.text.zh + refused.next_step.zh, f"{refused.text.en} {refused.next_step.en}"
    return CommandRefused(LocalizedText(zh, en))
