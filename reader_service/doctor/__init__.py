"""What is wrong with this reader and what to do: ``python -m reader_service doctor``."""
