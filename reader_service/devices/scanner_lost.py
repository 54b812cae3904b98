"""What all scan guns have in common: their one failure and their longest text."""

MAX_LINE = 2048
"""Bytes of the longest text a gun may send; what is longer is dropped whole."""


class ScannerLost(Exception):
    """The gun cannot be opened or was unplugged; it may come back."""
