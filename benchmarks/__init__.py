"""Benchmarks: what the course costs in seconds and memory, measured one thing at a time."""
