"""The city's server: residents, their cards, the venues and the readers at their gates."""
