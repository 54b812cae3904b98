"""What the app knows without a phone, a network or a screen."""
