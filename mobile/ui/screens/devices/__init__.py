"""The phones of the card."""
