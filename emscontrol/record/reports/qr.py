"""A text as QR code, drawn as boxes."""

from itertools import groupby

from emscontrol.record.reports.drawing import Box, Drawing, Ink

QUIET = 4  # modules of white around the code, without which scanners do not find it (ISO/IEC 18004)


def qr(text: str, side: float) -> Drawing:
    """The code as a picture of this side (points), its white border included."""
    import segno

    rows = [tuple(row) for row in segno.make(text, micro=False, error="m").matrix]
    module = side / (len(rows) + 2 * QUIET)
    marks = [Box(0, 0, side, side, fill=Ink.PAPER)]
    for y, row in enumerate(rows):
        x = 0
        for dark, run in groupby(row):
            width = len(list(run))
            if dark:
                marks.append(Box((x + QUIET) * module, (y + QUIET) * module, width * module, module, fill=Ink.TEXT))
            x += width
    return Drawing(side, side, "QR code", f"It holds the text {text}", tuple(marks))
