"""Personal data: one person, legal holds, retention, audit trail, erasures."""
