"""Tables to take out: files, and views for BI programs."""
