"""Real parts and instruments that tests share."""
