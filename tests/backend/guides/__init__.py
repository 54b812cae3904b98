"""Guides of published items."""
