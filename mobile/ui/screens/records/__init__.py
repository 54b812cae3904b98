"""What other authorities hold of a person."""
