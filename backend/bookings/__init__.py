"""Bookings 预约: slots of venues, places in them, the waiting list; never more than there are."""
