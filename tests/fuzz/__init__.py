"""Longer runs of a coverage-guided fuzzer: `python -m tests.fuzz --seconds 600`."""
