"""The rows of the book, as typed mappings; `schema` imports them all."""
