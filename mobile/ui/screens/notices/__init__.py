"""How personal data is handled."""
