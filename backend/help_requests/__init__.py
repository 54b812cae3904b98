"""Help requests 求助: an elder asks a delegate for help with one thing, and is answered."""
