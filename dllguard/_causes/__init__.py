"""From the faults of a load to what is wrong and what to do about it."""
