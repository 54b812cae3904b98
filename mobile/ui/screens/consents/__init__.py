"""What the resident agreed to."""
