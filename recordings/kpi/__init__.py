"""Figures of a call centre."""
