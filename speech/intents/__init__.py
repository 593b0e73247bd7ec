"""Intents: what a caller wants, learned from a few examples of each."""
