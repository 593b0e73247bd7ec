"""What a conversation may ask: the company's system, our articles, the caller's history."""
