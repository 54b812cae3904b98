"""The house itself: folders, imports, locks, images, documents."""
