"""Accounts 账户: how residents and staff sign in, and the sessions their devices hold."""
