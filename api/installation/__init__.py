"""An installation's own state: set up, started, examined."""
