"""What happened? The journal of a session, its verification, and what is made from it.

`journal` writes, `verify` and `replay` read, `export` makes tables, `place` says where the files are.
`docs/journal.md` describes the format byte by byte.
"""
