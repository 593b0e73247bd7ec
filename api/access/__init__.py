"""Who has access: users and what they have open, their second factor, tries to log in."""
