"""The app's own widgets; none knows a screen or a view model."""
