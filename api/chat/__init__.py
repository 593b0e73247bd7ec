"""Conversations in writing: web chat, messengers, e-mail bridges."""
