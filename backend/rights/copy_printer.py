"""Prints copies as documents; what that needs is loaded with the first of them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from backend.rights.copies import PersonalCopy


class CopyPrinter:
    """Makes documents one after another, beside the event loop."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "copies")

    async def print(self, copy: PersonalCopy) -> bytes:
        """Return the copy as PDF."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, _to_pdf, copy)


def _to_pdf(copy: PersonalCopy) -> bytes:
    # fpdf2 takes as long to import as all the rest, and commands and most servers print nothing.
    from backend.rights.copy_pdf import to_pdf  # noqa: PLC0415

    return to_pdf(copy)
