"""The reader's dealings with the backend: enrolment once, then upload first, download after."""
