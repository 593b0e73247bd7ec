"""Calls: their log, the list, one in detail, call-backs, what goes on now."""
