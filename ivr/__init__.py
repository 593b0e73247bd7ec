"""Live conversations on the telephone."""
