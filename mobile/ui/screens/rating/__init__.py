"""How a visit was."""
