"""Subsidies 惠民补贴 as their recipient sees them: what was paid, to which account, or why not."""
