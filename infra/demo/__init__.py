"""The demo city: everything started, one visit performed, each step told."""
