"""Texts as vectors, and the regression that learns from them."""
