"""Sound: chunks of a live leg, whole pieces, what is measured in them and who speaks when."""
