"""The resident app as an Android package: what is staged, asked for and allowed."""
