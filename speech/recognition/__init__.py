"""Speech to text (ASR): engines, what they hear, and how well."""
