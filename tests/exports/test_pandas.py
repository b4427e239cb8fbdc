"""What a laboratory does first: open the tables with pandas, without telling it anything about them."""

from pathlib import Path

import pandas as pd

from tests.exports.sessions import exported, ran

UA = 1000


def test_tables_open_as_numbers_and_two_formats_are_one_frame(name: str, journal: Path, tmp_path: Path) -> None:
    for kind in ("csv", "parquet"):
        exported([journal], kind, tmp_path / kind)
    from_csv = pd.read_csv(tmp_path / "csv" / "set_points.csv")
    from_parquet = pd.read_parquet(tmp_path / "parquet" / "set_points.parquet")
    figures = ["t_s", "channel", "amplitude_ma", "pulse_width_us", "period_us", "rate_hz"]
    pd.testing.assert_frame_equal(from_csv[figures], from_parquet[figures], check_dtype=False)
    assert all(pd.api.types.is_numeric_dtype(from_csv[figure]) for figure in figures)


def test_the_strongest_pulse_of_each_channel_is_that_of_the_oscilloscope(name: str, journal: Path, tmp_path: Path) -> None:
    exported([journal], "csv", tmp_path / "csv")
    table = pd.read_csv(tmp_path / "csv" / "channels.csv").set_index("channel")
    seen = pd.DataFrame([(line.channel, line.amplitude_ua) for line in ran(name).scope], columns=["channel", "ua"])
    strongest = seen.groupby("channel")["ua"].max() / UA
    assert table.loc[strongest.index, "peak_ma"].to_dict() == strongest.to_dict()
