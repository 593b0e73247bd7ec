"""Customers: cards, their list, their history, their chats."""
