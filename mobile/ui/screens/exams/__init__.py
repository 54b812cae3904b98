"""What one sits, and when."""
