"""Calls: list, one call, sound, words."""
