"""Drawings: geometry, classes and words from plain values; and that the macros render them."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import jinja2
import pytest

from devsys.faces.web import drawing, drawing_coverage, drawing_month, drawing_week, drawing_year
from devsys.faces.web.drawing_coverage import CoverageDay, CoverageSlot
from devsys.faces.web.drawing_month import MonthEntry, MonthGrid
from devsys.faces.web.drawing_week import GridDay, GridRow, GridSession, Off, WeekGrid
from devsys.faces.web.drawing_year import StripRow, YearStrip
from devsys.faces.web.filters import led_in_by, number_signs

MONDAY = date(2027, 1, 4)
ROOT = Path(__file__).resolve().parents[2]


def a_strip(count: int = 4, **more: object) -> YearStrip:
    weeks = drawing_year.strip_weeks(
        MONDAY,
        count,
        today=date(2027, 1, 12),
        frozen_until=date(2027, 1, 19),
        published_until=date(2027, 1, 25),
        holidays={date(2027, 1, 6): "Epiphany"},
        href=lambda monday: f"/week/{monday}",
    )
    strip = YearStrip(
        weeks=weeks,
        rows=(StripRow("skill", tuple(float(12 * i) for i in range(count))),),
        away=tuple(10.0 for _ in weeks),
        spare=tuple(20.0 for _ in weeks),
        owed=tuple(1 if i == 2 else 0 for i in range(count)),
        outlook_words="free until 25 January",
    )
    return replace(strip, **more)  # type: ignore[arg-type]


def a_session(**more: object) -> GridSession:
    session = GridSession(
        id="s2",
        kind="skill",
        title="Own it to the end",
        short="Own it",
        state="draft",
        starts=datetime(2027, 3, 23, 14, 30),
        minutes=60,
        rows=("mateus",),
        href="/session/s2",
        move="/session/s2/move",
    )
    return replace(session, **more)  # type: ignore[arg-type]


def a_week(*sessions: GridSession, **more: object) -> WeekGrid:
    days = tuple(GridDay(date(2027, 3, 22) + timedelta(days=i), f"?day={i}") for i in range(5))
    grid = WeekGrid(
        days=days,
        lens=date(2027, 3, 23),
        opens=8 * 60,
        closes=18 * 60,
        rows=(GridRow("mateus", "Mateus Rocha"), GridRow("oksana", "Oksana Hrytsenko")),
        sessions=sessions,
    )
    return replace(grid, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def macros() -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates"), autoescape=True, extensions=["jinja2.ext.i18n"]
    )
    env.filters |= {"led_in_by": led_in_by, "number_signs": number_signs}
    env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # what the extension adds
    env.globals["url_for"] = lambda _endpoint, filename: f"/static/{filename}"
    env.globals["csrf_token"] = lambda: "token"
    return env


# ---- words


@pytest.mark.parametrize(
    ("hours", "text"), [(0, "0 h"), (0.5, "0.5 h"), (1, "1 h"), (1.4, "1 h"), (1304, "1,304 h"), (0.04, "0 h")]
)
def test_hours_are_written_as_people_read_them(hours: float, text: str) -> None:
    assert drawing.hours_text(hours) == text


@pytest.mark.parametrize(("count", "text"), [(3, "+3"), (0, "0"), (-1, "\u22121")])
def test_signed_figures_have_a_true_minus(count: int, text: str) -> None:
    assert drawing.signed(count) == text


def test_a_span_names_day_and_both_ends() -> None:
    assert drawing.span_text(datetime(2027, 3, 23, 14, 30), 60) == "Tue 23 March, 14:30\u201315:30"


def test_runs_join_equal_neighbours() -> None:
    assert drawing.runs("aabccc") == ((0, 2, "a"), (2, 1, "b"), (3, 3, "c"))
    assert drawing.runs("") == ()


# ---- the year


@pytest.mark.parametrize(
    ("hours", "step"),
    [
        (0, "q0"),
        (0.2, "q1"),
        (4.4, "q1"),
        (5, "q2"),
        (9, "q2"),
        (10, "q3"),
        (19, "q3"),
        (20, "q4"),
        (30, "q5"),
        (99, "q5"),
    ],
)
def test_steps_are_the_same_in_every_row(hours: float, step: str) -> None:
    assert drawing_year.step_of(hours) == step


def test_a_large_organisation_gets_larger_steps() -> None:
    large = StripRow("round", (130.0,) * 8 + (0.0, 160.0))
    assert drawing_year.factor_of((large,)) == 5
    assert drawing_year.step_of(130, 5) == "q4"
    assert [words for _, words in drawing_year.steps_of(5)] == [
        "none",
        "1\u201324",
        "25\u201349",
        "50\u201399",
        "100\u2013149",
        "150 and more",
    ]
    assert drawing_year.factor_of(()) == 1
    assert drawing_year.factor_of((StripRow("round", (1e9,)),)) == 500


def test_weeks_are_held_frozen_published_then_outlook() -> None:
    weeks = a_strip().weeks
    assert [w.state for w in weeks] == ["held", "frozen", "frozen", "outlook"]
    assert [w.state for w in a_strip(2).weeks] == ["held", "frozen"]
    assert [w.present for w in weeks] == [False, True, False, False]
    assert [w.holiday for w in weeks] == ["Epiphany", "", "", ""]


def test_strip_weeks_start_on_the_monday_of_the_day_given() -> None:
    weeks = drawing_year.strip_weeks(
        date(2026, 12, 31), 2, today=MONDAY, frozen_until=MONDAY, published_until=MONDAY, holidays={}
    )
    assert [(w.monday, w.number) for w in weeks] == [(date(2026, 12, 28), 53), (MONDAY, 1)]


def test_outlook_cells_are_short_and_others_full() -> None:
    cells = drawing_year.draw_year(a_strip()).rows[0].cells
    assert [(c.css, c.y, c.h) for c in cells] == [("q0", 1, 24), ("q3", 1, 24), ("q4", 1, 24), ("q5", 7, 12)]
    assert cells[1].title == "Skill sessions, week 2, from 11 Jan: 12 h, frozen"


def test_a_quarter_ends_with_a_wider_gap() -> None:
    strip = a_strip(14, rows=(StripRow("round", (6.0,) * 14),))
    cells = drawing_year.draw_year(strip).rows[0].cells
    gaps = [round(b.x - (a.x + a.w), 2) for a, b in pairwise(cells)]
    assert [i for i, gap in enumerate(gaps) if gap > 1] == [11]  # week 13 begins on 29 March: its Thursday is in April
    assert set(gaps) == {0.7, 2.2}


def test_months_belong_to_the_thursday_and_a_new_year_says_so() -> None:
    weeks = drawing_year.strip_weeks(
        date(2027, 11, 29), 8, today=MONDAY, frozen_until=MONDAY, published_until=MONDAY, holidays={}
    )
    zeros = (0.0,) * 8
    months = drawing_year.draw_year(YearStrip(weeks, (), zeros, zeros, (0,) * 8)).months
    assert [(m.column, m.columns, m.text, m.more) for m in months] == [(1, 5, "Dec", ""), (6, 3, "Jan", " 2028")]


def test_zones_name_each_kind_of_week_once() -> None:
    zones = drawing_year.draw_year(a_strip()).zones
    assert [(z.column, z.columns, z.text + z.more, z.css) for z in zones] == [
        (1, 1, "held", "held"),
        (2, 2, "frozen", "frozen"),
        (4, 1, "outlook: free until 25 January", "outlook"),
    ]


def test_the_present_week_is_held_by_two_lines() -> None:
    assert drawing_year.draw_year(a_strip()).present == (10, 20)
    past = tuple(replace(w, present=False) for w in a_strip().weeks)
    assert drawing_year.draw_year(a_strip(weeks=past)).present is None


def test_owed_and_the_queue_are_summed_in_words() -> None:
    drawn = drawing_year.draw_year(a_strip(away=(10.0, 30.0, 10.0, 10.0)))
    assert (drawn.owed_total, [(s.column, s.text) for s in drawn.owed]) == (1, [(3, "1")])
    assert [b.css for b in drawn.bars] == ["used", "over", "used", "later"]
    assert drawn.queue_words == "60 h off the queue of 80 h it can spare; too much in 1 week"


def test_the_twin_holds_the_same_figures() -> None:
    drawn = drawing_year.draw_year(a_strip())
    assert drawn.table[1] == ("2, from 11 Jan 2027", "frozen", 12, 10, 20, 0)
    assert len(drawn.table_heads) == len(drawn.table[0])


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="one figure per week"):
        drawing_year.draw_year(a_strip(owed=(1, 2)))


def test_a_year_of_53_weeks_is_drawn_whole() -> None:
    drawn = drawing_year.draw_year(a_strip(53))
    assert (drawn.width, drawn.columns, drawn.heads[-1].number) == (530, 53, 1)


def test_week_heads_say_holiday_and_today() -> None:
    heads = drawing_year.draw_year(a_strip()).heads
    assert heads[0].css == "hol"
    assert heads[0].label == "Week 1, from 4 Jan, held, Epiphany"
    assert (heads[1].css, heads[1].label) == ("now", "Week 2, from 11 Jan, frozen, this week")


# ---- coverage


def test_coverage_parts_left_spare_missing_and_what_a_draft_takes() -> None:
    day = CoverageDay(MONDAY, 480, (CoverageSlot(2, 4), CoverageSlot(3, 2), CoverageSlot(2, 2, 2)))
    drawn = drawing_coverage.draw_coverage(day, 480, 570, top=4)
    assert [(b.css, b.x, b.y, b.h) for b in drawn.boxes] == [
        ("left", 0, 30, 30),
        ("spare", 0, 0, 30),
        ("alarm", 10, 0, 60),
        ("left", 10, 30, 30),
        ("missing", 10, 15, 15),
        ("left", 20, 30, 30),
        ("taken", 20.6, 0, 30),
    ]
    assert drawn.line == "M0 30H10V15H20V30H30"
    assert (drawn.least, drawn.short) == ("least \u22121", True)
    assert [(f.time, f.spare, f.css) for f in drawn.figures] == [
        ("08:00", "+2", ""),
        ("08:30", "\u22121", "short"),
        ("09:00", "0", "zero"),
    ]


def test_a_day_without_slots_is_closed() -> None:
    drawn = drawing_coverage.draw_coverage(CoverageDay(MONDAY, 480, ()), 480, 600)
    assert (drawn.least, drawn.short, drawn.boxes, drawn.line) == ("closed", False, (), "")


def test_coverage_is_aligned_to_the_hours_shown() -> None:
    day = CoverageDay(MONDAY, 540, (CoverageSlot(1, 3),))
    table = drawing_coverage.draw_coverage(day, 480, 600).table
    assert table == (("08:00", 0, 0, "0"), ("08:30", 0, 0, "0"), ("09:00", 1, 3, "+2"), ("09:30", 0, 0, "0"))


def test_a_long_day_shows_its_lowest_half_hour_of_each_hour() -> None:
    day = CoverageDay(MONDAY, 0, (CoverageSlot(2, 5), CoverageSlot(2, 3)) * 24)
    figures = drawing_coverage.draw_coverage(day, 0, 1440).figures
    assert len(figures) == 24
    assert {(f.columns, f.left, f.spare) for f in figures} == {(2, 3, "+1")}


# ---- the week


def test_a_session_stands_in_every_row_and_column_of_its_time() -> None:
    week = drawing_week.draw_week(a_week(a_session(rows=("mateus", "oksana"), selected=True)))
    blocks = [b for row in week.rows for cell in row.cells for b in cell.blocks]
    assert [(b.column, b.columns, b.css, b.iso) for b in blocks] == [
        (14, 2, "draft a-skill sel", "2027-03-23T14:30")
    ] * 2
    assert blocks[0].label == "Own it to the end, skill sessions, Tue 23 March, 14:30\u201315:30, Mateus Rocha"
    assert week.band == drawing.Bar("band", 14, 2)
    assert [h.note for h in week.heads] == ["", "1 session, 2 places", "", "", ""]


def test_context_days_show_shapes_only() -> None:
    week = drawing_week.draw_week(a_week(a_session(starts=datetime(2027, 3, 25, 9))))
    (block,) = week.rows[0].cells[3].blocks
    assert block.css == "draft a-skill mini"
    assert (week.band, week.rows[0].cells[1].lens, week.rows[0].cells[3].lens) == (None, True, False)


def test_two_at_once_are_marked_as_a_clash() -> None:
    first = a_session(id="a", starts=datetime(2027, 3, 23, 14))
    week = drawing_week.draw_week(a_week(first, a_session(id="b")))
    css = [b.css for b in week.rows[0].cells[1].blocks]
    assert css == ["draft a-skill", "draft a-skill clash"]


def test_the_hours_grow_to_hold_every_session() -> None:
    week = drawing_week.draw_week(a_week(a_session(starts=datetime(2027, 3, 22, 6, 30)), closes=17 * 60 + 30))
    assert (week.opens, week.columns) == (360, 24)
    assert [h.words for h in week.hours][:2] == ["06:00", "07:00"]


def test_time_off_is_cut_to_the_day_shown() -> None:
    away = Off(datetime(2027, 3, 22, 15), datetime(2027, 3, 24), "away", "away")
    week = drawing_week.draw_week(a_week(rows=(GridRow("mateus", "Mateus Rocha", off=(away,)),)))
    cells = week.rows[0].cells
    assert [[(o.column, o.columns) for o in c.off] for c in cells] == [[(15, 6)], [(1, 20)], [], [], []]
    assert cells[0].words == "away"


def test_the_edge_of_freezing_stands_on_the_lens_day_only() -> None:
    edge = drawing_week.draw_week(a_week(frozen_until=datetime(2027, 3, 23, 12))).edge
    assert edge == drawing.Bar("edge", 9, 1, "frozen to 12:00")
    assert drawing_week.draw_week(a_week(frozen_until=datetime(2027, 3, 24, 12))).edge is None


def test_free_time_of_the_lens_day_is_a_bar() -> None:
    free = (
        (datetime(2027, 3, 23, 10), datetime(2027, 3, 23, 11)),
        (datetime(2027, 3, 24, 10), datetime(2027, 3, 24, 11)),
    )
    week = drawing_week.draw_week(a_week(free=free, free_words="Marisa Antunes free"))
    assert [(f.column, f.columns) for f in week.free] == [(5, 2)]


def test_days_share_one_scale_and_the_lens_is_found() -> None:
    coverage = tuple(CoverageDay(date(2027, 3, 22 + i), 480, (CoverageSlot(1, i + 1),) * 20) for i in range(5))
    week = drawing_week.draw_week(a_week(coverage=coverage))
    assert week.coverage[0].boxes[0].h == 12
    assert week.lens_coverage is week.coverage[1]
    assert drawing_week.draw_week(a_week()).lens_coverage is None


def test_what_lies_outside_the_hours_or_has_no_length_is_not_drawn() -> None:
    early = Off(datetime(2027, 3, 23, 5), datetime(2027, 3, 23, 7))
    week = drawing_week.draw_week(a_week(a_session(minutes=0), rows=(GridRow("mateus", "Mateus Rocha", off=(early,)),)))
    assert [(c.off, c.blocks) for c in week.rows[0].cells] == [((), ())] * 5
    late = datetime(2027, 3, 23, 20)
    assert drawing_week.draw_week(a_week(frozen_until=late)).edge is None


@pytest.mark.parametrize("fault", [{"lens": date(2027, 3, 29)}, {"coverage": (CoverageDay(MONDAY, 480, ()),)}])
def test_a_week_that_does_not_fit_together_is_refused(fault: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"lens|coverage"):
        drawing_week.draw_week(a_week(**fault))


# ---- month, ledger, gauge, QR


def test_a_month_shows_its_weeks_without_empty_weekends() -> None:
    entries = tuple(
        MonthEntry(date(2027, 3, 9), "skill", f"Session {i}", "published", f"{9 + i:02d}:00") for i in range(6)
    )
    month = drawing_month.draw_month(MonthGrid(date(2027, 3, 15), entries, date(2027, 3, 9), {}))
    assert (month.title, len(month.weekdays)) == ("March 2027", 5)
    assert [w.number for w in month.weeks] == [9, 10, 11, 12, 13]
    tuesday = month.weeks[1].days[1]
    assert (tuesday.css, len(tuesday.entries), tuesday.more) == ("today", 3, 3)
    assert tuesday.label == "Tuesday 9 March, today, 6 sessions"


def test_a_month_opens_its_weekend_where_something_is_held() -> None:
    entry = MonthEntry(date(2027, 3, 13), "round", "Case round", "published")
    month = drawing_month.draw_month(MonthGrid(date(2027, 3, 1), (entry,), MONDAY, {date(2027, 3, 26): "Good Friday"}))
    assert len(month.weekdays) == 7
    friday = month.weeks[3].days[4]
    assert (friday.css, friday.holiday) == ("hol", "Good Friday")


def test_a_month_that_begins_on_a_weekend_has_no_empty_row() -> None:
    month = drawing_month.draw_month(MonthGrid(date(2027, 5, 1), (), MONDAY, {}))
    assert month.weeks[0].days[0].iso == "2027-05-03"


def test_ledger_bars_share_a_scale_and_owed_stands_behind() -> None:
    bar = drawing.draw_ledger(80, 40, 10, 20, most=100)
    assert [(p.css, p.x, p.w) for p in bar.parts] == [
        ("planned", 1, 158.4),
        ("held", 1, 79.2),
        ("cancelled", 80.2, 19.8),
        ("owed", 159.4, 39.6),
    ]
    assert bar.words == "80 h planned, 40 h held, 10 h cancelled for the queue, 20 h owed"
    assert drawing.draw_ledger(0, 0, 0, 0, most=0) == drawing.LedgerBar((), "nothing planned")


def test_the_gauge_of_a_run_is_in_thousandths() -> None:
    assert drawing.draw_gauge(50, 90, 100) == drawing.Gauge(
        500, 900, "50 of 100 needs placed; at most 90 can be on time"
    )
    assert drawing.draw_gauge(0, 0, 0).got == 0


def test_a_qr_code_is_one_path_with_its_quiet_zone() -> None:
    qr = drawing.draw_qr("https://devsys.example/feeds/a")
    assert qr.size == 29 + 8  # version 3: 29 modules
    assert qr.path.startswith("M4 4h7v1h-7z")
    assert min(int(x) for x in re.findall(r"M(\d+) ", qr.path)) == 4


# ---- the macros take what is drawn


def test_kinds_have_the_same_names_in_macros_and_drawings(macros: jinja2.Environment) -> None:
    page = macros.from_string(
        '{% from "macros/icons.html" import kind_name %}{% for k in kinds %}{{ kind_name(k, true) }}|{% endfor %}'
    )
    shown = page.render(kinds=tuple(drawing.KIND_NAMES)).split("|")[:-1]
    assert shown == list(drawing.KIND_NAMES.values())


def test_the_year_is_well_formed_and_every_cell_has_a_title(macros: jinja2.Environment) -> None:
    page = macros.from_string('{% from "macros/year.html" import year_strip %}{{ year_strip(y, "/t", "/c", "/p") }}')
    tree = ET.fromstring(page.render(y=drawing_year.draw_year(a_strip(52))))  # noqa: S314 -- our own markup
    cells = [r for r in tree.iter("rect") if r.get("class", "").startswith("q") and len(r)]
    assert len(cells) == 52
    assert [a.get("href") for a in tree.iter("a")][:2] == ["/week/2027-01-04", "/week/2027-01-11"]
    assert not [e for e in tree.iter() if "style" in e.attrib or any(k.startswith("on") for k in e.attrib)]


def test_the_week_carries_what_its_script_reads(macros: jinja2.Environment) -> None:
    page = macros.from_string('{% from "macros/week.html" import week_grid %}{{ week_grid(w, "Billing, week 12") }}')
    html = page.render(w=drawing_week.draw_week(a_week(a_session(title="<b>Own</b>"))))
    assert 'data-start="2027-03-23T14:30" data-minutes="60" data-title="&lt;b&gt;Own&lt;/b&gt;"' in html
    assert 'data-move="/session/s2/move"' in html
    assert "data-pin=" not in html
    assert 'data-opens="480" data-columns="20"' in html
    assert "<b>Own</b>" not in html


def test_every_column_a_drawing_can_name_is_in_the_sheet() -> None:
    sheet = (ROOT / "devsys/faces/web/static/planner.css").read_text("utf-8")
    wanted = {f".{letter}{i}{{" for letter in "nkx" for i in range(1, 54)}
    assert {name for name in wanted if name not in sheet} == set()


def test_no_template_or_script_needs_what_the_policy_forbids() -> None:
    pages = [*(ROOT / "templates").rglob("*.html")]
    assert pages
    for page in pages:
        text = page.read_text("utf-8")
        assert not re.search(r"""\sstyle=|\son[a-z]+=["']|\|\s*safe\b|<script>|<style""", text), page
