"""One folder a screen: `screen.py` and `screen.kv`."""
