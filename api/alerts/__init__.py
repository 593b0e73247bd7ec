"""Alerts that were raised, and their rules."""
