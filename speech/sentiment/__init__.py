"""Sentiment of an utterance: negative, neutral, positive."""
