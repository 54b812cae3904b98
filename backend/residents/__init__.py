"""Residents 居民: who they are, stored sealed, one record each."""
