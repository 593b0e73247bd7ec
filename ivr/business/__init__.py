"""The company's own systems: protocol, signed REST, outbox, the demonstration shop."""
