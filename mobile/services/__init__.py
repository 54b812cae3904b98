"""Talking to the backend, and keeping what was last seen for when there is no network."""
