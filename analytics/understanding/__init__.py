"""A transcript, understood: reason, outcome, promises, entities, summary."""
