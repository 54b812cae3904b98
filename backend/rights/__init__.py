"""What the law gives people over their own data: notices, consents, and a copy of everything."""
