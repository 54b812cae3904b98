"""Where the app keeps what nobody else on the phone may read."""
