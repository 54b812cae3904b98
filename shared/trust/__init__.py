"""Whom a reader may believe: issuer keys and status lists, signed, with a date."""
