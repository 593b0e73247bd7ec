"""Sound of calls on its way: taken in, worked on, failed."""
