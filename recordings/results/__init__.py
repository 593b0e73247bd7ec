"""What workers leave of a recording: transcripts, measurements, analyses, findings."""
