"""Recognition models to download, and models of our own on disk."""
