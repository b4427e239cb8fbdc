"""How much of the screening is open, in one sentence that is the same wherever it is told. Pure."""

from emscontrol.core.units import counted


def unanswered(whole: int, asked: int, holding: int) -> str:
    """Never made, incomplete, or to be asked again; "" where every answer holds.

    Of `whole` questions so many were `asked` at all, and the answers of so many are `holding`.
    """
    if not asked:
        return "The screening was never made."
    if asked < whole:
        return f"The screening is incomplete: {counted(whole - holding, 'question')} open."
    return f"{counted(whole - holding, 'question')} of the screening to be asked again." if holding < whole else ""
