"""Copies of an installation's rows and sound, and the way back."""
