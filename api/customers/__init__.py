"""Customers and their history."""
