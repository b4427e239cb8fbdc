"""What `ems-sim://` URLs say, and what is said to those who write a wrong one."""

import string

import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st

import firmware_sim.serial_urls  # noqa: F401 - teaches pyserial the URL
from firmware_sim.faults import parse_fault
from firmware_sim.registry import MODELS
from firmware_sim.serial_urls.address import OPTIONS, Address, AddressError, parse_address

FAULTS = ["late:150@3", "late:150@3+2", "garble:0.01", "electrode_off:2@5", "nak:2/21@1", "unplug@0.5+0.25"]
TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=30)


def test_a_whole_url() -> None:
    url = (
        "ems-sim://p24?fault=late:150@3+2&fault=electrode_off:2@5&seed=7&watchdog_ms=500&scope=/tmp/my%20scope.jsonl&name=left"
    )
    assert parse_address(url) == Address(
        "p24", None, ("late:150@3+2", "electrode_off:2@5"), 7, 500, "/tmp/my scope.jsonl", "left"
    )


def test_model_and_scheme_in_capitals_and_a_slash_do_no_harm() -> None:
    assert parse_address("EMS-SIM://P24/?seed=1") == Address("p24", seed=1)


@given(
    st.builds(
        Address,
        st.sampled_from(sorted(MODELS)),
        body=st.none() | TEXTS,
        faults=st.lists(st.sampled_from(FAULTS), max_size=3).map(tuple),
        seed=st.integers(-(2**63), 2**63),
        watchdog_ms=st.none() | st.integers(1, 3_600_000),
        scope=st.none() | TEXTS,
        name=st.none() | TEXTS,
    )
)
def test_every_address_comes_back_from_its_url(address: Address) -> None:
    assert parse_address(str(address)) == address
    assert address.parsed_faults() == [parse_fault(text) for text in address.faults]


@given(st.text(string.printable, max_size=60))
def test_any_other_text_is_refused_with_a_sentence(rest: str) -> None:
    with pytest.raises(AddressError, match="ems-sim://"):
        parse_address(f"ems-sim://{rest}-")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ems-sim://", list(MODELS)),
        ("ems-sim://p25", [*MODELS, "no model is called 'p25'"]),
        ("ems-sim://p24:80", [*MODELS, "'p24:80'"]),
        ("ems-sim://p24/dev/ttyUSB0", [*MODELS, "'p24/dev/ttyUSB0'"]),
        ("ems-sim://[p24", ["not a URL"]),
        ("ems-sim://p24?baud=9600", [*OPTIONS, "'baud'"]),
        ("ems-sim://p24?seed", ["seed has no value"]),
        ("ems-sim://p24?seed=one", ["seed='one'", "whole number"]),
        ("ems-sim://p24?watchdog_ms=0", ["watchdog_ms='0'", "1 to 3600000"]),
        ("ems-sim://p24?watchdog_ms=" + "9" * 400, ["watchdog_ms", "1 to 3600000"]),
        ("ems-sim://p24?seed=1&seed=2", ["twice"]),
        ("ems-sim://p24?fault=latte", ["no fault is called 'latte'", "electrode_off"]),
        ("ems-sim://p24?fault=late:x", ["'x' is not a number"]),
        ("ems-sim://p24?scope=a#b", ["%23"]),
    ],
)
def test_a_wrong_url_is_a_serial_exception_that_says_what_there_is(url: str, says: list[str]) -> None:
    with pytest.raises(serial.SerialException, match="could not open port") as caught:
        serial.serial_for_url(url)
    for words in says:
        assert words in str(caught.value)


def test_an_oscilloscope_file_that_is_there_already_is_not_overwritten(tmp_path: object) -> None:
    file = f"{tmp_path}/scope.jsonl"
    with open(file, "w") as there:
        there.write("mine")
    with pytest.raises(serial.SerialException, match=r"cannot write .*File exists; give the name of a new file"):
        serial.serial_for_url(f"ems-sim://p24?scope={file}")
    with open(file) as there:
        assert there.read() == "mine"
