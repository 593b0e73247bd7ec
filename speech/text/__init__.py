"""Words of a text, and what has to be known of its language."""
