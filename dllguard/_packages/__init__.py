"""Installed packages: metadata, the folders they add, what their import touches."""
