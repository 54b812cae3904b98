"""A training voucher."""
