"""Figures and the calls behind each of them."""
