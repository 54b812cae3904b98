"""Drawing: design tokens, a small set of widgets, one folder a screen."""
