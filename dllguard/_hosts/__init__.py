"""The machine and the Python that a verdict is about, running or on disk."""
