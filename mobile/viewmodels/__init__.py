"""One state value a screen, ready to be drawn in the chosen language; no widgets here."""
