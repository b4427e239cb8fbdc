"""What happened? The journal of a session, its verification, and what is made from it.

`journal` writes, `signing` signs with a key of `key_files`; `verify` and `replay` read, `reckon` counts again what was given,
`knowledge` says how each figure is known; `dose` and `refusals` tell what each channel got against its limits and what was not
given; `export` makes tables, `place` says where the files are, `schema` what a line holds.
`docs/journal.md` describes the format byte by byte.
"""
