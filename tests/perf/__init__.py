"""The benchmark: `python -m tests.perf` prints the table that the README shows.

All is measured in one run, side by side: each round runs every task once, each in a
process of its own, and a row is the median of the ratios of all rounds. The peers do
as much as they can of the same work on the same files.
"""
