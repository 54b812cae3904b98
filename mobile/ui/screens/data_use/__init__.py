"""Who used my data."""
