"""Targets that are not installed, and many at once: wheels, folders, environments."""
