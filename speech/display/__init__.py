"""What was recognised as people read it, and facts as they are said or shown."""
