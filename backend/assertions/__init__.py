"""Identity assertions 身份核验: the card in place of the identity card, at counters (S4)."""
