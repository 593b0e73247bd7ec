"""Scorecards, samples, evaluations, coaching, and the agents they are about."""
