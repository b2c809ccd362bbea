"""What every page's frame needs: sections by role, the day, the theme, the demo mark."""

from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request, url_for

from devsys.adapters.store.queries import house
from devsys.base.words import phrase, to_phrase
from devsys.base.written import full_day, zone_name
from devsys.core.model.access import Role, Viewer
from devsys.core.policy import permission_of
from devsys.faces.web.filters import initials
from devsys.faces.web.here import here, parts

THEME_COOKIE: Final = "devsys-theme"
THEMES: Final = ("auto", "light", "dark")
PLANNERS: Final = (Role.ADMINISTRATOR, Role.COORDINATOR, Role.LEAD)

LEADS_HOME: Final = to_phrase("My rota")
# Pages that stand under the section of others.
# whose section a page belongs to, where its own name does not say
_FAMILY: Final = {
    "coaching_plan": "coaching",
    "coaching_desk": "coaching",
    "observations": "coaching",
    "month": "year",
    "week": "year",
    "year_plan": "year",
    "pulse": "improvement",
    "staying": "improvement",
    "rollouts": "improvement",
    "effects": "improvement",
    "year_report": "improvement",
    "readings": "improvement",
    "lessons": "fixes",
    "acts": "health",
    "keeping": "health",
    "webhooks": "health",
}
TAB_WORDS: Final = {
    "My development": to_phrase("Now"),
    "My rota": to_phrase("Rota"),
    "My calendar": to_phrase("Calendar"),
}
# endpoint, label for planners, label for staff (empty: not for them), icon of the tab
_SECTIONS: Final = (
    ("home.show", to_phrase("Home"), to_phrase("My development"), "house"),
    ("year.show", to_phrase("Calendar"), "", ""),
    ("calendar.show", "", to_phrase("My calendar"), "calendar-days"),
    ("plans.show", to_phrase("Plan"), "", ""),
    ("programme.show", to_phrase("Programme"), to_phrase("Programme"), "book-open"),
    ("coaching.show", "", to_phrase("Coaching"), "sprout"),
    ("rounds.index", to_phrase("Rounds"), "", ""),
    ("improvement.index", to_phrase("Improvement"), "", ""),
    ("fixes.show", to_phrase("Fixes"), "", ""),
    ("conditions.index", to_phrase("Conditions"), "", ""),
    ("people.index", to_phrase("People"), "", ""),
    ("imports.index", to_phrase("Imports"), "", ""),
    ("feeds.show", "", to_phrase("Subscribe"), "rss"),
    ("health.show", to_phrase("Health"), "", ""),
)


@dataclass(frozen=True, slots=True)
class Who:
    """The signed-in person in the masthead."""

    name: str
    initials: str


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the masthead or tab of the phone."""

    label: str
    href: str
    current: bool
    icon: str = ""

    @property
    def short(self) -> str:
        """The label under the icon of a tab, where five stand side by side on a phone."""
        return TAB_WORDS.get(self.label, self.label)


def plans_for_others(viewer: Viewer) -> bool:
    """Say whether a person's pages are the dense ones of the house, not the calm ones of staff."""
    return viewer.has(*PLANNERS)


def sections(viewer: Viewer) -> tuple[Section, ...]:
    """Give the sections a viewer may open, in order."""
    planner = plans_for_others(viewer)
    leads = viewer.has(Role.FACILITATOR, Role.COACH) and not planner
    return tuple(
        Section(LEADS_HOME if leads and endpoint == "home.show" else label, url_for(endpoint), _current(endpoint), icon)
        for endpoint, for_planners, for_staff, icon in _SECTIONS
        if (label := for_planners if planner else for_staff) and _may_open(viewer, endpoint)
    )


def _may_open(viewer: Viewer, endpoint: str) -> bool:
    view = current_app.view_functions.get(endpoint)
    permission = permission_of(view) if view is not None else None
    if permission is None:
        return False
    return permission.public or permission.scope(viewer).wide or (bool(permission.scope(viewer)) and _for_all(endpoint))


def _for_all(endpoint: str) -> bool:
    return endpoint in (
        "home.show",
        "calendar.show",
        "programme.show",
        "coaching.show",
        "feeds.show",
        "improvement.index",
        "rounds.index",
    )


def _current(endpoint: str) -> bool:
    here_now = request.endpoint or ""
    blueprint = (request.blueprint or "").split(".")[0]
    return here_now == endpoint or _FAMILY.get(blueprint, blueprint) == endpoint.split(".", maxsplit=1)[0]


def frame() -> dict[str, Any]:
    """Give the values of the frame; a page's own values stand above them."""
    found = here().sign_in
    paths = {
        "home": url_for("home.show"),
        "account": url_for("account.show"),
        "feeds": url_for("feeds.show"),
        "theme": url_for("account.theme"),
        "sign_out": url_for("signin.sign_out"),
    }
    values: dict[str, Any] = {"paths": paths, "theme": _theme(), "here": request.path, "demo": _demo()}
    if found is None:
        return values
    viewer = found.viewer
    day = here().now.astimezone(ZoneInfo(viewer.zone)).date()
    nav = () if found.must_change else sections(viewer)
    rest = phrase(", week %(week)s, %(zone)s", week=day.isocalendar().week, zone=zone_name(viewer.zone))
    values |= {
        "viewer": Who(viewer.name, initials(viewer.name)),
        "nav": nav,
        "tabs": () if plans_for_others(viewer) else nav[:5],
        "today": {"short": full_day(day), "rest": rest},
    }
    return values


def _theme() -> str:
    found = here().sign_in
    kept = found.theme if found is not None else request.cookies.get(THEME_COOKIE, "")
    return kept if kept in THEMES else "auto"


def _demo() -> bool:
    if "demo" not in g:
        with parts().store.read() as db:
            g.demo = house.is_demo(db)
    return bool(g.demo)


def install(app: Flask) -> None:
    """Give every template the frame."""
    app.context_processor(frame)
