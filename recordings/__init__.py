"""What happened and where the sound is. Owns the database."""
