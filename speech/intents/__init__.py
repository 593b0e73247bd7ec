"""Intents: what a caller wants, learnt from a few examples of each."""
