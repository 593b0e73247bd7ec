"""Slots: values of a wanted kind in what was said or typed."""
