"""The one admission rule: the server quotes, the reader decides, the phone explains with it."""
