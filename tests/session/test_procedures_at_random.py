"""Words, pauses and stops in any order at any time: nothing above what is allowed, and no current without a word."""

from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.errors import EmsError
from emscontrol.core.units import US_PER_MS, US_PER_S
from emscontrol.measure.rebuild import rebuild
from emscontrol.measure.words import Word
from emscontrol.record.replay import read_records
from emscontrol.session.inputs import Answer, Pause, Resume, Stop
from emscontrol.session.states import State
from tests.session.patient import Bedside, curve_spec, threshold_spec

CAP_UA = 6_000
ACTIONS = st.one_of(
    st.sampled_from([Answer(2, word.value) for word in Word]),
    st.sampled_from([Answer(2, "up"), Answer(2, "up"), Answer(2, "nothing"), Answer(2, "contracts")]),
    st.sampled_from([Pause(), Resume(), Answer(3, "up"), Answer(2, "rubbish")]),
    st.integers(1, 6_000).map(lambda ms: ms * US_PER_MS),
    st.just(2 * US_PER_S),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTIONS, max_size=40), st.booleans(), st.sampled_from(["p24", "reference"]), st.booleans())
def test_no_order_of_words_leads_beyond_what_is_allowed(actions: list[object], curve: bool, model: str, stopped: bool) -> None:
    spec = curve_spec(widths_us=(300, 1000), up_to_ua=CAP_UA) if curve else threshold_spec(up_to_ua=CAP_UA)
    bedside = Bedside(spec, model).to_running()
    allowed = 0  # stretches of current that a word or a resume has asked for
    for action in actions:
        if isinstance(action, int):
            bedside.run.advance(bedside.now_us + action)
            continue
        try:
            bedside.run.give(action)  # type: ignore[arg-type]
        except EmsError:
            continue
        allowed += isinstance(action, Answer | Resume)
    told = bedside.engine.state is State.RUNNING and bedside.question is None  # done, and its last pulse is still on its way
    if bedside.engine.state in (State.RUNNING, State.PAUSED) and (stopped or bedside.engine.state is State.PAUSED):
        bedside.run.give(Stop("operator", "key pressed"))
    bedside.finish()
    bedside.port.read(bedside.now_us + 5 * US_PER_S)
    assert bedside.port.stage.is_zero
    assert bedside.engine.result in ("completed", "stopped")
    assert max(bedside.peaks(2), default=0) <= CAP_UA
    assert len(bedside.peaks(2)) <= allowed
    assert not bedside.of("refused_by_gate")
    given_ua = sorted({int(str(event.args["amplitude_ua"])) for event in bedside.of("asked")})
    assert all(level <= max(given_ua[:place], default=0) + 1000 for place, level in enumerate(given_ua))
    totals = bedside.of("totals")[0].args["channels"]
    assert totals.get("2", {"pulses": 0})["pulses"] == bedside.pulses(2)  # type: ignore[union-attr]
    records = [record.event for record in read_records(bedside.journal.lines)]
    assert rebuild(records).over is (told or bedside.engine.reason == "the procedure is done")
