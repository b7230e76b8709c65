"""Benchmarks of NexusLIMS: beside its predecessor, against the floor, and growing."""
