"""Typing a venue's challenge 挑战码."""
