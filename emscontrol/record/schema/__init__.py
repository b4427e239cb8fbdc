"""The JSON Schema of a journal's lines, one file a format, made from the vocabulary (`make`).

`journal-1.json` is of format 1 as it was; a test holds both to the code.
"""
