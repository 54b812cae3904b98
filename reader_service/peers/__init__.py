"""The readers of one venue tell each other what they saw, so that a copy counts at none of them."""
