"""The copy of a contact that everyone sees: words without private parts, numbers masked."""
