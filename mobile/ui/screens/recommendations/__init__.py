"""Where to go, and the switch of it."""
