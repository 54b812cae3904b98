"""The card and its visits."""
