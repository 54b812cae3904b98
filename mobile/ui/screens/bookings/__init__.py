"""My bookings."""
