"""Values of the sample pages: one invented organisation, as it might look on 9 March 2027."""

# ruff: noqa: PLR2004 -- sample figures, picked by eye

from datetime import date
from types import SimpleNamespace as Some
from typing import Any

from devsys.faces.web import drawing, drawing_year
from tools.gallery_pages import week_values

KINDS = ("boundaries", "skill", "round", "digital", "cross_cultural", "emotional_support", "coaching")


def frame(section: str, **more: Any) -> dict[str, Any]:
    """Give the context of a coordinator's page in the named section."""
    words = ("Home", "Year", "Week", "People", "Programme", "Plan", "Imports")
    return {
        "viewer": Some(name="Helena Brandt", initials="HB"),
        "nav": [Some(label=w, href="#", current=w == section) for w in words],
        "today": Some(short="Tue 9 March 2027", rest=", week 10, Lisbon time"),
        "paths": Some(home="/", account="#", theme="/theme", sign_out="/out"),
        "here": "/",
        **more,
    }


def staff(section: str, **more: Any) -> dict[str, Any]:
    """Give the context of an employee's page."""
    words = ("My development", "My calendar", "Past")
    tabs = (("Now", "house"), ("Calendar", "calendar-days"), ("Past", "clock"))
    return frame(
        section,
        **{
            "viewer": Some(name="Catarina Faria", initials="CF"),
            "nav": [Some(label=w, href="#", current=w == section) for w in words],
            "tabs": [
                Some(label=label, href="#", current=word == section, icon=icon)
                for word, (label, icon) in zip(words, tabs, strict=True)
            ],
            **more,
        },
    )


def needs() -> list[Some]:
    """Give what needs the coordinator."""
    rows = (
        ("user-round-x", "Tomasz Wieczorek is away today and tomorrow", "5 sessions, 23 people.", "See sessions"),
        ("triangle-alert", "Billing is one short, Thu 11 Mar 14:00", "New requirement, imported 08:15.", "See issue"),
        ("pencil-line", "A draft waits since Fri 5 March", "14 changes, 31 people would be told.", "Review"),
        ("sprout", "One coaching series is owed", "No coach free before 22 Mar.", "See owed"),
        ("wrench", "Case rounds of Returns have no facilitator", "Two people hold the qualification.", "Choose"),
        ("mail", "Two accounts have never signed in", "Their one-time links end on Friday.", "Remind"),
    )
    return [Some(icon=i, what=w, ready=r, href="#", verb=v) for i, w, r, v in rows]


def first_steps() -> list[Some]:
    """Give the four steps of an empty organisation."""
    return [
        Some(title="People", words="302 people in six teams", done=True, href="#", verb="Open"),
        Some(title="Requirement", words="What each queue needs, per half hour", done=False, href="#", verb="Import"),
        Some(title="Programme", words="What people learn, how often", done=False, href="#", verb="Adopt"),
        Some(title="Plan", words="A year, drawn and checked", done=False, href="#", verb="Draw"),
    ]


def year_of_hours() -> drawing_year.DrawnYear:
    """Give the strip of 2027, seen on 9 March: hours as a plan of 62 people might hold them."""
    free = {date(2027, 3, 26): "Good Friday", date(2027, 4, 26): "Freedom Day", date(2027, 5, 1): "Labour Day"}
    free |= {date(2027, 5, 27): "Corpus Christi", date(2027, 8, 15): "Assumption", date(2027, 11, 1): "All Saints"}
    weeks = drawing_year.strip_weeks(
        date(2027, 1, 4),
        52,
        today=date(2027, 3, 9),
        frozen_until=date(2027, 3, 23),
        published_until=date(2027, 6, 28),
        holidays=free,
        href=lambda monday: f"week.html?of={monday}",
    )

    def some(found: dict[int, float]) -> tuple[float, ...]:
        return tuple(found.get(week.number, 0) for week in weeks)

    wave = tuple(
        (16 + 7 * (i % 4 == 0) + 5 * (i % 7 == 2)) * (1 if i < 46 else 0.3 if i < 50 else 0) for i in range(52)
    )
    rounds = tuple((34 if i % 2 else 24) if i < 46 else (7 if i < 50 else 0) for i in range(52))
    coach = tuple((6 if i % 9 else 8) if i < 46 else (3 if i < 50 else 0) for i in range(52))
    rows = (
        drawing_year.StripRow("boundaries", some({2: 22, 3: 16, 10: 12, 11: 18, 19: 10, 20: 6, 36: 24, 37: 22, 38: 6})),
        drawing_year.StripRow("skill", wave),
        drawing_year.StripRow("round", rounds),
        drawing_year.StripRow(
            "digital", some({4: 12, 5: 14, 6: 8, 16: 9, 17: 22, 18: 15, 29: 12, 30: 13, 40: 10, 41: 11})
        ),
        drawing_year.StripRow(
            "cross_cultural", some({7: 14, 8: 15, 9: 16, 21: 16, 22: 8, 23: 11, 35: 21, 36: 4, 43: 12})
        ),
        drawing_year.StripRow(
            "emotional_support", some({11: 8, 12: 13, 14: 11, 15: 7, 24: 12, 25: 22, 26: 14, 38: 12})
        ),
        drawing_year.StripRow("coaching", coach),
    )
    away = tuple(round(sum(row.hours[i] for row in rows) * 1.04, 1) for i in range(52))
    spare = tuple(max(away[i] + 9, 92 + 11 * ((i * 5) % 7 == 0) - (34 if i > 46 else 0)) for i in range(52))
    owed = tuple(
        {3: 1, 8: 2, 12: 3, 15: 2, 18: 4, 21: 3, 32: 3, 33: 2, 44: 2, 47: 5, 48: 5, 49: 4, 50: 2}.get(w.number, 0)
        for w in weeks
    )
    words = "free to improve until it is published, from 28 June"
    return drawing_year.draw_year(drawing_year.YearStrip(weeks, rows, away, spare, owed, words))


def quarters() -> list[Some]:
    """Give development time by quarter, with its bars."""
    rows = (("Q1", 792, 560, 11, 6), ("Q2", 802, 0, 0, 9), ("Q3", 813, 0, 0, 5), ("Q4", 562, 0, 0, 18))
    most = max(p + o for _, p, _, _, o in rows)
    return [
        Some(name=n, planned=p, held=h, cancelled=c, owed=o, bar=drawing.draw_ledger(p, h, c, o, most=most))
        for n, p, h, c, o in rows
    ]


def run() -> Some:
    """Give a run half way through."""
    stages = (("read", "done"), ("construct", "done"), ("sweep", "now"), ("series", ""), ("check", ""))
    return Some(
        stages=stages,
        stage="Opening new sessions where the queue can spare people.",
        placed="2,871",
        needs="3,186",
        owed=112,
        bound="3,135",
        best="Best so far: 2,840 on time, 31 late within their grace. 0 half hours short.",
        gauge=drawing.draw_gauge(2871, 3135, 3186),
        stop="#",
        over=False,
    )


def mine() -> dict[str, Any]:
    """Give what Catarina Faria sees."""
    coming = (
        Some(kind="skill", title="Ask to the point", when="Wed 31 Mar, 11:00"),
        Some(
            kind="cross_cultural",
            title="Names and forms of address",
            old="6 Apr",
            when="Thu 8 Apr, 13:00",
            note="Moved: facilitator changed.",
            links=(("#", "Fits"), ("#", "other dates")),
        ),
        Some(kind="emotional_support", title="After a hard call", when="Wed 14 Apr, 11:00"),
    )
    following = Some(
        weekday="Tuesday",
        day=23,
        month="March",
        kind="round",
        title="Late refunds: owning the answer",
        href="#",
        time="09:00\u201310:00",
        zone="Lisbon time",
        place="Room Mewa",
        link="https://video.lantern.example/mewa",
        people="With Saoirse Byrne and your team",
        why="You are here because your team meets every two weeks.",
        prepare="Bring one situation that stayed with you, without names.",
    )
    feeds = (
        Some(name="Work laptop", status="Last fetched 2 hours ago by Google Calendar", fetched=True, new_href="#"),
        Some(name="Phone", status="Not fetched yet: scan the code, or open the link on the phone", fetched=False),
    )
    qr = drawing.draw_qr("https://devsys.lantern.example/feeds/kq3v9x2m7r4t8w1z5c6b/catarina.ics")
    return {"next": following, "then": coming, "feeds": feeds, "qr": qr}


def dry_runs() -> dict[str, Any]:
    """Give a dry run with refused rows, and one without."""
    rows = (
        Some(row=14, column="team", value="Biling", wanted="a team of this file or one that exists; Billing is near"),
        Some(row=77, column="joined", value="31.02.2027", wanted="a date like 2027-02-28"),
        Some(row=201, column="email", value="j.wrona", wanted="an e-mail address, used by nobody else"),
    )
    changes = (("Inês Duarte", "team", "Returns", "Billing"), ("Jakub Wrona", "hours a week", "40", "32"))
    return {
        "result": Some(new=12, changed=0, same=283, refused=3, rows=rows, more=0, changes=(), done=False),
        "good": Some(new=12, changed=2, same=284, refused=0, rows=(), more=0, changes=changes, done=False),
    }


def pages() -> dict[str, tuple[str, dict[str, Any]]]:
    """Give every sample page: name -> (template, context)."""
    parts = frame("Home", kinds=KINDS, needs=needs(), first_steps=first_steps(), demo=True)
    parts["flashes"] = [("ok", "Saved. Nobody is told until you publish.")]
    return {
        "mine": ("mine.html", staff("My development", **mine())),
        "run": ("run.html", frame("Plan", run=run())),
        "run_body": ("run_body.html", {"run": run()}),
        "import": ("import.html", frame("Imports", **dry_runs())),
        "publish": ("publish.html", frame("Year")),
        "week": (
            "week.html",
            frame("Week", w=week_values.billing_week(), days=week_values.agenda(), why=week_values.why()),
        ),
        "month": ("month.html", frame("Year", m=week_values.march())),
        "year": ("year.html", frame("Year", y=year_of_hours(), needs=needs(), quarters=quarters())),
        "parts": ("parts.html", parts),
        "signin": (
            "signin/signin.html",
            {
                "action": "/signin",
                "paths": Some(home="/"),
                "demo": True,
                "errors": {"email": "No account with this e-mail and password. Check both."},
                "email": "catarina.faria@lantern.example",
                "demo_accounts": (("coordinator", "helena.brandt@lantern.example"),),
            },
        ),
        "error": (
            "errors/error.html",
            frame(
                "",
                status=404,
                title="There is nothing here for you",
                words="The page may have moved, or it is not yours to see.",
            ),
        ),
    }
