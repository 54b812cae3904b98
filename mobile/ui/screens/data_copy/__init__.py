"""A copy of my data."""
