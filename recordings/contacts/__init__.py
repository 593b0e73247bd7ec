"""The nouns of a contact: a call, a chat."""
