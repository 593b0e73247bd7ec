"""What the workers do."""
