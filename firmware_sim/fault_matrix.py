"""The fault matrix: for each fault how it is injected here, who ends the current then, and how soon it is zero.

Ids and times are those of the matrix of faults that this project was planned with; a test holds the two together. A time of
`NEVER_STARTS` means that no current begins, `NO_STOP` that the session goes on, `HARDWARE` that software alone cannot end it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from firmware_sim.fault_kinds import FaultKind as K
from firmware_sim.host_faults import HostKind as H

NEVER_STARTS: Final = 0
HARDWARE: Final = -1
NO_STOP: Final = -2


@dataclass(frozen=True, slots=True)
class Row:
    """One fault. `switches` are the simulator's, `host` those of the harness around the host.

    `survivable`: where it is weak or short the session goes on, correctly; then the time counts from when the session gives up.
    `deadman`: only the device's own watchdog can end the current, so a model whose watchdog is longer has longer. `unseen`
    names the models on which no software can notice it, and why: nothing ends it there before the session does. `obeys` names
    those that do wrong by their very protocol, and why: there the watchdog's time is all that can be promised. `tests` hold a
    fault that is none of a running session, or one that is staged with real processes; `missing` says what does not exist.
    """

    id: str
    max_ms: int
    switches: tuple[K, ...] = ()
    host: tuple[H, ...] = ()
    survivable: bool = False
    deadman: bool = False
    unseen: Mapping[str, str] = field(default_factory=dict)
    obeys: Mapping[str, str] = field(default_factory=dict)
    tests: tuple[str, ...] = ()
    missing: str = ""


_PTY: Final = "tests/pty/test_"
_WRONG: Final = _PTY + "the_wrong_thing_on_the_port.py::test_"
_DIES: Final = _PTY + "a_program_dies.py::test_"
_KEYS: Final = "tests/tui/test_keyboard.py::test_"
_STOP: Final = "tests/tui/test_stop.py::test_"
_TERMINAL: Final = "tests/tui/test_terminal.py::test_"
_FILES: Final = "tests/unit/protocol/test_"
_JOURNAL: Final = "tests/property/test_journal.py::test_"
_EXPORT: Final = "tests/unit/record/test_export.py::test_"
_BOOKED: Final = "tests/clinic/appointments/test_"
_ADMITTED: Final = "tests/session/test_booked.py::test_"

_NO_CURRENT_REPORT: Final = "its protocol reports what runs, not the current that flows"
_NO_PULSE_REPORT: Final = "its protocol does not report pulses"
_NO_IMPEDANCE: Final = "its protocol reports open electrodes only, no impedance"
_NO_BATTERY: Final = "the host does not ask it for its battery"
_BOTH: Final = ("p24", "rehastim2")


def _both(reason: str) -> Mapping[str, str]:
    return dict.fromkeys(_BOTH, reason)


MATRIX: Final[tuple[Row, ...]] = (
    # ---- link
    Row("F01", 550, (K.UNPLUG,), deadman=True),
    Row("F02", 550, (K.CUT_COMMAND, K.CUT_REPLY), deadman=True, survivable=True),
    Row("F03", 550, (K.DEAD_LINK,), deadman=True, survivable=True),
    Row("F04", 550, (K.DEAD_DOWNLINK, K.DROP_COMMAND), deadman=True, survivable=True),
    Row("F05", 330, (K.DEAD_UPLINK, K.DROP_REPLY), survivable=True),
    Row("F06", 550, (K.GARBLE, K.GARBLE_UP, K.GARBLE_DOWN), deadman=True, survivable=True),
    Row(
        "F07",
        300,
        unseen=_both("its acknowledgement does not repeat what was set"),
        tests=("tests/session/test_fault_switches_link.py::test_a_damaged_set_point_that_passes_the_checksum",),
    ),
    Row("F08", 550, (K.NOISE, K.NOISE_DOWN, K.START_BYTES), deadman=True, survivable=True),
    Row("F09", 550, (K.LOSE_BYTES, K.LOSE_BYTES_UP, K.LOSE_BYTES_DOWN), deadman=True, survivable=True),
    Row("F10", NO_STOP, (K.DUPLICATE, K.DUPLICATE_REPLY)),
    Row("F11", 120, (K.REORDER, K.REORDER_REPLY)),
    Row("F12", NO_STOP, (K.BUNCH, K.LATE)),
    Row(
        "F13", NEVER_STARTS, (K.REPLAY, K.REPLAY_REPLY), obeys=_both("its protocol has no epochs: it obeys a recorded command")
    ),
    Row("F14", 550, (K.JITTER, K.JITTER_UP, K.JITTER_DOWN, K.LATE, K.LATE_DOWN), deadman=True, survivable=True),
    Row("F15", 300, (K.NAK,)),
    Row("F16", NEVER_STARTS, (K.STRANGER,), tests=(_WRONG + "nothing_is_armed_when_something_else_is_on_the_port",)),
    Row(
        "F17",
        550,
        (K.OTHER_SERIAL,),
        deadman=True,
        tests=(
            _WRONG + "another_stimulator_that_takes_the_name_of_the_lost_one_hears_nothing",
            _WRONG + "a_stimulator_that_comes_back_under_another_name_starts_from_zero",
        ),
    ),
    Row(
        "F18",
        300,
        (K.FOREIGN_WRITER,),
        tests=(_WRONG + "a_second_controller_is_told_who_has_the_stimulator_and_changes_nothing",),
    ),
    Row("F19", NEVER_STARTS, (K.OTHER_SERIAL, K.OTHER_FIRMWARE)),
    Row("F20", 550, (K.DEAF,), deadman=True, survivable=True),
    Row("F21", 150, (K.SLOW_READER,)),
    Row(
        "F22",
        NEVER_STARTS,
        (K.BOOT_TEXT,),
        tests=(_WRONG + "a_board_that_resets_and_prints_its_boot_text_when_the_port_is_opened_is_met_with_patience",),
    ),
    # ---- device
    Row("F23", 50, (K.REBOOT, K.BOOT_TEXT)),
    Row("F24", HARDWARE, (K.STUCK_ON, K.HANG, K.IGNORE_STOP, K.FALSE_OFF)),
    Row("F25", 500, (K.IGNORE_SET,), unseen=_both(_NO_CURRENT_REPORT)),
    Row("F26", 330, (K.FREEZE,), unseen=_both("its answers carry nothing that changes by itself")),
    Row("F27", 300, (K.GAIN,), unseen=_both(_NO_CURRENT_REPORT)),
    Row("F28", 2300, (K.DRIFT,), unseen=_both(_NO_PULSE_REPORT)),
    Row("F29", 200, (K.ELECTRODE_OFF,)),
    Row("F30", 2300, (K.ELECTRODE_HALF, K.ELECTRODE_DRY), unseen=_both(_NO_IMPEDANCE)),
    Row("F31", 200, (K.SHORT,), unseen=_both(_NO_IMPEDANCE)),
    Row("F32", 200, (K.ELECTRODE_FLAP, K.BROKEN_LEAD)),
    Row("F33", 2100, (K.LOW_BATTERY, K.BATTERY_DRAIN), unseen=_both(_NO_BATTERY)),
    Row("F34", 50, (K.POWER_OFF,)),
    Row(
        "F35",
        NEVER_STARTS,
        (K.OTHER_FIRMWARE, K.LOWER_LIMITS),
        missing="a refusal in words of a session that asks for more than a limit that was reported lower",
    ),
    Row("F36", NO_STOP, (K.COUNTERS_NEAR_MAX,)),
    Row(
        "F37",
        300,
        (K.SWAP_CHANNELS,),
        unseen=_both("it reports the channels that it was told to drive, not where current flows"),
    ),
    Row("F38", 50, (K.STOP_BUTTON, K.MODULE_FAULT)),
    # ---- host
    Row(
        "F39",
        550,
        host=(H.KILLED,),
        deadman=True,
        tests=(_DIES + "current_ends_by_the_stimulators_own_watchdog_when_the_engine_is_killed",),
    ),
    Row("F40", 550, host=(H.STANDSTILL,), deadman=True, survivable=True),
    Row(
        "F41",
        150,
        host=(H.EXCEPTION,),
        tests=("tests/session/test_engine_fails.py::test_current_ends_at_once_when_the_program_fails_inside",),
    ),
    Row(
        "F42",
        550,
        host=(H.HANG,),
        deadman=True,
        tests=(_DIES + "current_ends_by_the_stimulators_own_watchdog_while_the_engine_is_frozen_and_stays_away_when_it_wakes",),
    ),
    Row("F43", 100, host=(H.CLIENT_GONE,), tests=(_DIES + "current_ends_when_the_client_is_killed",)),
    Row("F44", 4000, host=(H.LEASE_LOST,), tests=(_DIES + "current_ends_when_the_client_is_suspended",)),
    Row("F45", 4000, host=(H.LEASE_LOST,), tests=(_TERMINAL + "stop_does_not_wait_for_a_screen_that_hangs",)),
    Row("F46", 4000, host=(H.LEASE_LOST,), tests=(_DIES + "current_ends_when_the_terminal_takes_no_more_output",)),
    Row("F47", NO_STOP, tests=(_TERMINAL + "a_whole_journey_at_80_by_24_and_down_to_40_by_10",), missing="a storm of sizes"),
    Row("F48", 250, tests=(_TERMINAL + "stop_does_not_wait_for_2000_keys_nor_for_a_terminal_that_does_not_drain",)),
    Row("F49", NO_STOP, tests=(_KEYS + "pasted_text_does_nothing", _STOP + "pasted_text_neither_raises_nor_starts")),
    Row("F50", 270, tests=(_STOP + "every_stop_key_on_every_screen", _STOP + "no_text_can_be_typed_while_a_session_is_open")),
    Row("F51", NO_STOP, host=(H.STANDSTILL,), missing="a soak with millions of live objects"),
    Row(
        "F52", NO_STOP, host=(H.STANDSTILL,), missing="a soak with every core busy; `make safety-times` measures on an idle one"
    ),
    Row("F53", 550, host=(H.EXCEPTION, H.KILLED), deadman=True, missing="limits on memory, files and threads of a real engine"),
    Row("F54", 550, host=(H.STANDSTILL,), deadman=True, survivable=True),
    Row(
        "F55",
        550,
        host=(H.KILLED,),
        deadman=True,
        tests=(
            _JOURNAL + "cut_off_anywhere_by_a_crash_it_verifies_up_to_its_last_whole_line",
            _JOURNAL + "a_tail_garbled_by_a_power_cut_is_left_out",
        ),
    ),
    Row("F56", NO_STOP, tests=(_WRONG + "of_two_controllers_that_start_at_the_same_moment_one_has_the_stimulator",)),
    Row("F57", 120, tests=("tests/session/test_faults.py::test_stop_wins_over_everything_else_in_the_same_moment",)),
    # ---- time
    Row("F58", NO_STOP, host=(H.CLOCK_JUMPS,)),
    Row(
        "F59",
        NO_STOP,
        tests=(
            _BOOKED + "wall_time.py::test_a_time_of_the_clinics_clock_is_the_moment_it_should_be",
            _BOOKED + "calendar.py::test_a_time_that_comes_twice_is_told_in_utc_the_second_time",
        ),
    ),
    Row(
        "F60", NO_STOP, tests=("tests/unit/record/test_place_and_recover.py::test_a_clock_before_the_newest_record_is_doubted",)
    ),
    # ---- storage
    Row(
        "F61",
        3000,
        host=(H.JOURNAL_FAILS,),
        tests=(_PTY + "the_record_fails.py::test_current_ends_when_the_disk_is_full_and_the_last_records_are_kept",),
    ),
    Row(
        "F62",
        NO_STOP,
        tests=(
            "tests/clinic/book/test_two_programs.py::test_a_writer_waits_for_another_program_and_says_so_when_it_takes_too_long",
            "tests/cli/clinic/test_offline.py::test_a_session_without_the_book_waits_is_not_run_again_and_is_handed_in_once",
        ),
    ),
    Row("F63", 3000, host=(H.JOURNAL_LAGS,)),
    Row(
        "F64",
        3000,
        host=(H.JOURNAL_LOST,),
        tests=(
            _PTY + "the_record_fails.py::test_nothing_is_armed_when_the_folder_of_the_record_is_read_only",
            _PTY + "the_record_fails.py::test_current_ends_when_the_folder_of_the_record_is_removed",
        ),
    ),
    Row(
        "F65",
        NEVER_STARTS,
        tests=(
            _JOURNAL + "every_single_byte_changed_inserted_or_removed",
            _JOURNAL + "a_line_removed",
            _JOURNAL + "two_lines_swapped",
            _JOURNAL + "an_older_copy_put_back_is_a_journal_without_an_end",
        ),
    ),
    Row(
        "F66",
        NEVER_STARTS,
        tests=(
            _JOURNAL + "the_limit_of_a_bare_chain_is_what_a_copy_of_the_last_hash_finds",
            "tests/property/test_signed_journal.py::"
            "test_whoever_computes_the_chain_anew_without_the_key_is_found_and_what_stands_is_said",
        ),
    ),
    # ---- files
    Row("F67", NEVER_STARTS, tests=(_FILES + "hostile_files.py::test_a_bomb_is_refused_quickly",)),
    Row("F68", NEVER_STARTS, tests=(_FILES + "spelling.py::test_no_doubtful_spelling_is_a_number",)),
    Row("F69", NEVER_STARTS, tests=(_FILES + "positions.py::test_an_unknown_key_names_the_nearest_known_one",)),
    Row(
        "F70", NEVER_STARTS, tests=("tests/unit/safety/test_rules.py::test_at_the_limit_is_allowed_and_one_unit_beyond_is_not",)
    ),
    Row(
        "F71",
        NO_STOP,
        tests=(
            _FILES + "hostile_files.py::test_characters_that_hide_or_drive_terminals_are_refused",
            "tests/unit/record/test_events.py::test_words_of_others_cannot_steer_the_terminal",
        ),
    ),
    Row(
        "F72",
        NEVER_STARTS,
        tests=(
            "tests/clinic/plans/test_prescribe.py::test_the_text_is_pinned_once_and_believed_only_while_its_hash_fits",
            _ADMITTED + "another_text_or_other_levels_than_were_prescribed_are_refused",
        ),
    ),
    Row(
        "F73",
        NEVER_STARTS,
        tests=(_FILES + "versions.py::test_a_newer_format_is_told_what_it_needs_and_judged_by_nothing_else",),
    ),
    # ---- security, privacy, exports
    Row("F74", NO_STOP, tests=(_EXPORT + "text_of_any_kind_stays_one_harmless_cell",)),
    Row(
        "F75",
        NO_STOP,
        tests=(
            _EXPORT + "a_link_planted_at_the_target_is_not_followed",
            "tests/unit/record/test_place_and_recover.py::test_no_protocol_id_leads_out_of_the_folder_or_to_a_name_no_system_takes",
        ),
    ),
    Row(
        "F76",
        NO_STOP,
        tests=(
            "tests/exports/test_trace.py::test_words_for_a_header_are_ascii_without_blanks",
            "tests/exports/test_fhir.py::test_every_coded_element_is_in_its_value_set",
            "tests/exports/test_nameless.py::test_no_text_of_any_event_no_date_and_no_name_of_a_file_survives",
        ),
    ),
    Row(
        "F77",
        NEVER_STARTS,
        tests=(_WRONG + "another_user_cannot_reach_the_engine", _WRONG + "no_engine_listens_in_a_folder_that_others_can_use"),
    ),
    Row(
        "F78",
        NO_STOP,
        tests=(
            "tests/clinic/staff/test_entry.py::test_after_three_wrong_tries_nothing_is_looked_at_until_the_wait_is_over",
            "tests/tui/door/test_idle.py::test_it_locks_after_the_books_time_and_not_before",
            "tests/tui/door/test_idle.py::test_a_session_is_use_however_long_nobody_touches_anything",
        ),
    ),
    Row(
        "F79",
        NO_STOP,
        tests=("tests/tui/test_failing.py::test_what_a_program_that_failed_inside_leaves_behind_names_no_patient",),
    ),
    Row("F80", NEVER_STARTS, missing="plug-ins; none are loaded"),
    Row("F81", NO_STOP, missing="a screen served to a browser"),
    # ---- people
    Row("F82", 4000, missing="the question whether anybody is still there"),
    Row("F83", NEVER_STARTS, missing="the test pulse that the operator confirms for each channel"),
    Row(
        "F84",
        NEVER_STARTS,
        tests=(
            "tests/cli/clinic/test_run_booked.py::test_another_patients_code_starts_nothing",
            _ADMITTED + "another_text_or_other_levels_than_were_prescribed_are_refused",
        ),
    ),
    Row(
        "F85",
        NEVER_STARTS,
        tests=("tests/tui/test_setup.py::test_library_and_simulators_are_offered_and_no_real_port",),
    ),
    Row(
        "F86",
        NEVER_STARTS,
        tests=(
            "tests/tui/test_setup.py::test_a_level_that_is_no_figure_in_ma_opens_nothing",
            "tests/tui/test_setup.py::test_a_comma_is_refused_while_it_is_typed",
        ),
    ),
    Row("F87", 300, missing="an external trigger"),
    Row(
        "F88",
        NEVER_STARTS,
        tests=("tests/clinic/prescription/test_prescribe.py::test_a_muscle_that_was_worked_yesterday_is_not_given_more_today",),
        missing="sums of the day and the week; what is held is the rest of each muscle between its sessions",
    ),
)

BY_ID: Final[Mapping[str, Row]] = {row.id: row for row in MATRIX}


def ids_of(kind: K | H) -> tuple[str, ...]:
    """The faults of the matrix that a switch injects."""
    return tuple(row.id for row in MATRIX if kind in row.switches or kind in row.host)
