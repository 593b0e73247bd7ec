"""What a caller's words mean to a question."""
