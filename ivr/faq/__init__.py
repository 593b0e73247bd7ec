"""Articles that answer what callers ask."""
