"""One conversation from the answer to the hand-over."""
