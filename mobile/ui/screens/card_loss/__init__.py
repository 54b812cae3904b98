"""Stopping a lost card."""
