"""Settings, and what this phone holds."""
