"""Who comes in: first start, log-in, idle lock."""
