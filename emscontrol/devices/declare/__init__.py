"""Wire commands as tables: each field is declared once, with its bits, its limits, its unit and a sentence.

`quantity`   a count on the wire and the quantity it stands for
`bits`       fields inside one big-endian word
`plain`      numbers, text and bytes that fill whole bytes
`lists`      points of a pulse, blocks per channel
`command`    a command is a number, a name and a layout of fields; a table is all commands of a protocol
"""
