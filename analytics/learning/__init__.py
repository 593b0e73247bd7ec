"""Training of intents and sentiment, topics proposed."""
