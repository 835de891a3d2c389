"""Files as bytes: what a PE image, a manifest, a resource says."""
