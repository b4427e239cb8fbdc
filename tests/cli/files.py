"""Protocol files that the tests of the command line use."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
QUICK = ROOT / "tests" / "data" / "protocols" / "quick_two_channels.yaml"
ONE_CHANNEL = ROOT / "protocols" / "acl-high-rate.yaml"
DOUBLETS = ROOT / "protocols" / "sci-quadriceps-doublets.yaml"
COMFORT = ("--comfort", "1=20", "--comfort", "2=20")
FAST = ("--device", "p24@sim", "--speed", "max")


def by_motor(folder: Path) -> Path:
    """The quick protocol with channel 1 and 2 dosed by the motor threshold."""
    file = folder / "motor.yaml"
    file.write_text(QUICK.read_text("utf-8").replace("of: comfort", "of: motor"), "utf-8")
    return file
