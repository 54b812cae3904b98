"""Card services across regions 跨省通办: asked for at an outlet of one region, done by another."""
