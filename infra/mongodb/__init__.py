"""What the database server is told in production."""
