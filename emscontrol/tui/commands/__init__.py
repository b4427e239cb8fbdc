"""What a person can do with a key: one table for each part of the program. Bindings, footer, palette and help come from it."""
