"""Coming in and going out: the log-in, the first page, the language."""
