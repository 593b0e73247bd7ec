"""Versions of the rules."""
