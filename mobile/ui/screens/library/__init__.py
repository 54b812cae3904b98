"""What somebody has of the libraries."""
