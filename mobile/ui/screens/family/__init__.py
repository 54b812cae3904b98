"""The rights over one's own data."""
