"""Scenarios: read from files, checked, held ready."""
