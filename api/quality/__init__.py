"""Evaluations, samples, scorecards, rankings."""
