"""The Windows loader: where it looks, what it takes, what one load comes to."""
