"""What every area stands on: the store, sealing, keys, access, exactly-once, answers."""
