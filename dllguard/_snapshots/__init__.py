"""Snapshots: a machine in one JSON file, taken there and judged anywhere."""
