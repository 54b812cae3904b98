"""Venues 场馆: where cards are shown, their lanes and their conditions."""
