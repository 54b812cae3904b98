"""Having the record put right."""
