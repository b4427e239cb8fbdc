"""Reports as a real browser shows and prints them: nothing runs over, nothing is fetched, one page a session."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from emscontrol.record.keys import KeyRing
from emscontrol.record.reports.blocks import Report
from emscontrol.record.reports.html import html
from emscontrol.record.reports.session_report import session_report
from tests.exports.sessions import ran
from tests.reports.browser import A4_MM, LETTER_MM, Browser, Page
from tests.reports.pages import ink_outside, scanned
from tests.reports.reading import MADE
from tests.reports.test_strange_records import hostile
from tests.session.patient import Bedside, Patient, threshold_spec

SHOWN = ("p24 booked", "p24 electrode off", "reference stopped", "threshold", "hostile", "eight channels")
NORMAL = ("p24 booked", "p24 electrode off", "reference stopped", "threshold")
WIDTHS = ((1280, "screen"), (800, "screen"), (360, "screen"), (703, "print"))  # the last: A4 within its margins

RUNS_OVER = """
(() => {
  const out = [], wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > wide) out.push(`page ${document.documentElement.scrollWidth} of ${wide}`);
  const paper = matchMedia('print').matches;
  for (const each of document.querySelectorAll('body *')) {
    const box = each.getBoundingClientRect();
    const scrolls = !paper && each.closest('.scroll');
    if (!scrolls && !each.closest('svg') && box.right > wide + 0.5) out.push(`${each.tagName} ${box.right}`);
  }
  for (const label of document.querySelectorAll('svg text')) {
    const box = label.getBBox(), view = label.ownerSVGElement.viewBox.baseVal;
    if (!label.getAttribute('transform') && (box.x < -1 || box.x + box.width > view.width + 1)) out.push(label.textContent);
  }
  return out;
})()
"""

FAINTEST = """
(() => {
  const light = c => { const v = c.match(/[0-9.]+/g).slice(0, 3).map(x => x / 255)
      .map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
  let least = 99;
  for (const each of document.querySelectorAll('body *')) {
    if (![...each.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const style = getComputedStyle(each), ink = each.closest('svg') ? style.fill : style.color;
    least = Math.min(least, 1.05 / (light(ink) + 0.05));
  }
  return least;
})()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def reports(folder: Path) -> dict[str, Report]:
    """The reports that are shown, by name."""
    bed = Bedside(threshold_spec(up_to_ua=12_000)).to_running().play(Patient().word)
    content = {name: b"".join(ran(name).lines) for name in SHOWN[:3]}
    content |= {"threshold": b"".join(bed.journal.lines), "hostile": hostile("\u202e<b>" + "W" * 300)}
    content["eight channels"] = hostile("quad_vm", channels=8)
    made = {}
    for name, lines in content.items():
        (folder / f"{name}.jsonl").write_bytes(lines)
        made[name] = session_report(folder / f"{name}.jsonl", KeyRing(), MADE)
    return made


@pytest.fixture(scope="module")
def pages(browser: Browser, folder: Path, reports: dict[str, Report]) -> dict[str, Page]:
    """The same, opened."""
    opened = {}
    for name, report in reports.items():
        (folder / f"{name}.html").write_text(html(report), "utf-8")
        opened[name] = Page(browser, folder / f"{name}.html")
    return opened


@pytest.mark.parametrize("name", SHOWN)
def test_nothing_runs_over_at_any_width(pages: dict[str, Page], name: str) -> None:
    for width, media in WIDTHS:
        pages[name].at_width(width, media)
        assert pages[name].value("matchMedia('print').matches") == (media == "print")
        assert pages[name].value(RUNS_OVER) == [], f"{width} pixels, {media}"


@pytest.mark.parametrize("name", [name for name in SHOWN if name != "hostile"])
def test_no_table_hides_a_column_behind_a_scroll_bar(pages: dict[str, Page], name: str) -> None:
    """In a window half as wide as a screen."""
    pages[name].at_width(800)
    wide = "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.innerText)"
    assert pages[name].value(wide) == []


@pytest.mark.parametrize("name", SHOWN)
def test_nothing_is_fetched_and_the_browser_finds_nothing_to_say(pages: dict[str, Page], folder: Path, name: str) -> None:
    page = pages[name]
    asked = [told["request"]["url"] for told in page.told("Network.requestWillBeSent")]
    assert asked == [(folder / f"{name}.html").as_uri()]
    assert page.told("Log.entryAdded") == []  # where it would tell of a style or a picture that the policy forbids
    assert page.value("document.styleSheets.length") == 1
    assert page.value("document.scripts.length") == 0


def test_what_would_be_brought_in_has_no_effect(browser: Browser, pages: dict[str, Page], folder: Path) -> None:
    """The page forbids itself every style but its own, and every script: as if an escape had been forgotten."""
    page = (folder / "hostile.html").read_text("utf-8")
    brought = "<style>h1{display:none}</style><script>document.title='x'</script><img src='http://127.0.0.1:9/x' onerror='x'>"
    (folder / "worse.html").write_text(page.replace("<header>", f"<header>{brought}", 1), "utf-8")
    worse = Page(browser, folder / "worse.html")
    assert worse.value("[getComputedStyle(document.querySelector('h1')).display, document.title === 'x']") == ["block", False]
    assert [told.get("blockedReason") for told in worse.told("Network.loadingFailed")] == ["csp"]  # before anything is sent
    assert len(worse.told("Log.entryAdded")) >= 3


@pytest.mark.parametrize("name", SHOWN)
def test_letters_are_dark_enough(pages: dict[str, Page], name: str) -> None:
    assert pages[name].value(FAINTEST) >= 4.5


@pytest.mark.parametrize("paper", [A4_MM, LETTER_MM], ids=["A4", "letter"])
@pytest.mark.parametrize("name", NORMAL)
def test_a_session_prints_on_one_page_with_its_code_to_scan(
    pages: dict[str, Page], folder: Path, name: str, paper: tuple[float, float]
) -> None:
    file = pypdfium2.PdfDocument(BytesIO(pages[name].printed(paper)))
    assert len(file) == 1
    assert [round(side / 72 * 25.4) for side in file[0].get_size()] == [round(side) for side in paper]
    picture = file[0].render(scale=3, grayscale=True).to_pil()
    assert ink_outside(picture, margin_mm=8, dots_per_mm=3 * 72 / 25.4) == 0
    assert scanned(picture) == [json.loads((folder / f"{name}.jsonl").read_bytes().splitlines()[-1])["hash"]]
    told = file[0].get_textpage().get_text_bounded()
    for each in ("SIMULATION", "Delivered", "Is this record as it was written?", MADE):
        assert each in told
    assert ("Steps by pulse width" if name == "threshold" else "Contractions, those alike together") in told  # not folded away


def test_what_a_screen_reader_is_told(pages: dict[str, Page]) -> None:
    page = pages["p24 booked"]
    page.at_width(800)
    nodes: list[dict[str, Any]] = page.do("Accessibility.getFullAXTree")["nodes"]
    roles = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]
    names = [name for role, name in roles if role in ("image", "img")]
    assert len(names) == 2
    assert any(name.startswith("Amplitude over time Commanded amplitude over 0:08: channel 1 up to 16 mA") for name in names)
    assert any(name.startswith("QR code It holds the text ") for name in names)
    assert {role for role, _ in roles if role in ("main", "banner", "contentinfo")} == {"banner", "main", "contentinfo"}
    assert ("heading", "SIMULATION · Session of P-17: completed, 4 of 4 contractions") in roles
    assert {"columnheader", "rowheader", "table"} <= {role for role, _ in roles}
    regions = [name for role, name in roles if role == "region"]
    assert {"Delivered", "Over time", "Dose against the limits"} <= set(regions)
    assert page.value("document.documentElement.lang") == "en"
