"""The page of what was done with the card."""
