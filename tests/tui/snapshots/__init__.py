"""Pictures of every page as text, at 80x24 and 120x40, and without colour with its bold and reversed parts marked below.

Regenerate with `make pictures`, and look at what has changed before it is committed.
"""
