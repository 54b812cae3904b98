"""Taking a pass."""
