"""Test vectors of the e-card code: the same list runs on server, phone and reader."""
