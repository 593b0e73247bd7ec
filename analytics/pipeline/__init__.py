"""From sound to findings, stage by stage."""
