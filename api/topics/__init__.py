"""What callers ask that no intent knows."""
