"""Remedies: sentences and commands for the environment at hand."""
