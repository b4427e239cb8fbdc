"""Pages as pictures: ink where none may be, and codes as a telephone reads them."""

from typing import Any

import zxingcpp


def ink_outside(picture: Any, margin_mm: float, dots_per_mm: float) -> int:
    """How many dots in the margins of a grey picture are not white."""
    margin = int(margin_mm * dots_per_mm)
    width, height = picture.size
    edges = [
        (0, 0, width, margin),
        (0, height - margin, width, height),
        (0, 0, margin, height),
        (width - margin, 0, width, height),
    ]
    return sum(sum(picture.crop(edge).histogram()[:250]) for edge in edges)


def scanned(picture: Any) -> list[str]:
    """The texts of all QR codes on it."""
    return [found.text for found in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)]
