"""Texts of scenarios, and phrases in what a caller said."""
