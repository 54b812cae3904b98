"""Closing the account."""
