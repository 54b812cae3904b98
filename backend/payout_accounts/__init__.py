"""To which account a person is paid 收款账户: one in force, and a change that waits."""
