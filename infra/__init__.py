"""Set-up, images, units, the Android package and the demo city."""
