"""A code on paper."""
