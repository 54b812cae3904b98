"""Passes 通票 and training vouchers 职业培训券: what people hold, and what is left of it."""
