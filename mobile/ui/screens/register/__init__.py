"""Registering by one's real name."""
