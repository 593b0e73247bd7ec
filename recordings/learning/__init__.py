"""What people teach the models, and what the models propose."""
