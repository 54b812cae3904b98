"""The page of all services."""
