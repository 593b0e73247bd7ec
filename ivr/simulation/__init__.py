"""Simulated callers: softphone, rehearsals, conversations in a terminal."""
