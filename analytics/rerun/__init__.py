"""Versions of the rules tried, and run over the archive."""
