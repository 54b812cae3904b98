"""Guides of where and how the card is used."""
