"""The call log: its entries, and the writer that never keeps a caller waiting."""
