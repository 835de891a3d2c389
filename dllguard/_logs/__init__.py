"""The text of a failed load, from any machine: what it says and what it means."""
