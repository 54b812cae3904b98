"""Who a person is, as numbers and names: citizen numbers, divisions, ages, and their masks."""
