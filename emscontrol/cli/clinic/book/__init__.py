"""`emscontrol book`: the book itself."""
