"""Versions of the rules, what they change, how right they are."""
