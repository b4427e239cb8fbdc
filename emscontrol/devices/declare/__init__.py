"""Wire commands as tables: each field is declared once, with its bits, its limits, its unit and a sentence.

`quantity`   a count on the wire and the quantity it stands for
`bits`       fields inside one big-endian word
`plain`      numbers, text and bytes that fill whole bytes
`sets`       whole bytes that hold small lists
`lists`      points of a pulse, blocks per channel
`command`    a command is a number, a name and a layout of fields; a table is all commands of a protocol
`reading`    from the body of a frame to named values
`compiled`   tables turned into look-ups, for frames that are sent often
`refusal`    what is wrong with a parameter, in a sentence
"""
