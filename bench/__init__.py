"""Timings, written to ``bench/results/*.json`` with the machine, the versions and the command. Never asserted on."""
