"""Private parts (PII) of what was said or typed: found, named by kind, put out."""
