"""Alerts that were raised, and their deliveries."""
