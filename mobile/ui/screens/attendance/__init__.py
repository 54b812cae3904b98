"""One's own attendance at buildings with doors."""
