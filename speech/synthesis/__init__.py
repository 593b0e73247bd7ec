"""Text to speech (TTS): voices, and prompts rendered once."""
