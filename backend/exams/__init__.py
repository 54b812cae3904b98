"""Examinations 考试: sessions, seats, and who is let in at the door by their card."""
