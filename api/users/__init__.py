"""Users as an administrator sees to them."""
