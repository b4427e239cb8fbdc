"""What does a muscle answer to? Searches by words, the strength–duration curve, and what it suggests. Pure."""
