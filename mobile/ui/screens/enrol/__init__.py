"""First start: typing the activation code."""
