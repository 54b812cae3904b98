"""记录一生: what a resident did with the card, in one line of time (S38)."""
