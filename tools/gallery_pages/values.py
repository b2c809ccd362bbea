"""Values of the sample pages: one invented organisation, as it might look on 9 March 2027."""

from types import SimpleNamespace as Some
from typing import Any

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


def pages() -> dict[str, tuple[str, dict[str, Any]]]:
    """Give every sample page: name -> (template, context)."""
    parts = frame("Home", kinds=KINDS, needs=needs(), first_steps=first_steps(), demo=True)
    parts["flashes"] = [("ok", "Saved. Nobody is told until you publish.")]
    return {
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
