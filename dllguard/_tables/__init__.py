"""What is known of products, packages and Windows: data, each row with its source."""
