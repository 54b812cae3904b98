"""What a venue's readers need of others' areas while they have no network."""
