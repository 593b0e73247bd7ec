"""Asterisk: ARI, channels, the sound of a leg, recording."""
