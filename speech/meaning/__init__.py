"""From words to meaning, used by the live robot and by analytics alike."""
