"""The floor that phone, reader and server stand on: formats, rules and words they must agree on."""
