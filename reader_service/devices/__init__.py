"""Drivers that know nothing of decisions: pictures from cameras, records from cards, a relay."""
