"""Sessions in the formats that people already read: one reader of journals, tidy tables, and a file for each format."""
