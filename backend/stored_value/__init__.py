"""Stored value 储值 of a group of venues: topped up, spent, given back; a ledger of each."""
