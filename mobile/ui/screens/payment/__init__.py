"""What is stored with venues."""
