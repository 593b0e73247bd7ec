"""Scorecards at work: automatic answers, scores, agreement, ranking."""
