"""The start screen of 长辈版."""
