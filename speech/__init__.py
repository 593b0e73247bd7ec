"""Sound, words and what they mean. Knows nothing of calls or databases."""
