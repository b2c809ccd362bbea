"""One's own: the development year, on screen and on paper, and all that is held about oneself."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from devsys.actions import my_data
from devsys.adapters.store.queries import audit, calendar_figures, own_data, plans, sessions
from devsys.adapters.store.queries.own_data import Kept
from devsys.adapters.store.queries.sessions import Wanted
from devsys.base.words import phrase, phrase_as, to_phrase
from devsys.base.written import day, full_day, several, zone_name
from devsys.core.policy import allow
from devsys.faces.web import shown
from devsys.faces.web.filters import local
from devsys.faces.web.here import now, parts, today, viewer
from devsys.faces.web.year_of_mine import months, sentence

pages = Blueprint("development", __name__)

A_YEAR: Final = timedelta(days=366)
MOST_OWED: Final = 50
# What the tables are called on the page; one without a name here is called by its own.
_NAMES: Final = {
    "account": to_phrase("Your account"),
    "person": to_phrase("Who you are"),
    "grant": to_phrase("What you may do"),
    "place": to_phrase("Your places in sessions"),
    "revision": to_phrase("Sessions you lead"),
    "attendance": to_phrase("Whether you were there"),
    "answer": to_phrase("What you answered"),
    "letter": to_phrase("Letters to you"),
    "told": to_phrase("Up to where letters told you of the plan"),
    "letter_choice": to_phrase("What you chose to get by letter"),
    "invited": to_phrase("Invitations your calendar got by mail"),
    "ask": to_phrase("What you were asked"),
    "wait": to_phrase("Places you wait for"),
    "feedback_given": to_phrase("That you gave feedback, never what"),
    "pulse_given": to_phrase("That you answered the pulse this month, never what"),
    "busy": to_phrase("When your calendar says you are busy"),
    "busy_source": to_phrase("Calendars you gave for busy times"),
    "upload": to_phrase("Files you brought"),
    "job_run": to_phrase("Work you asked for"),
    "draft_step": to_phrase("Steps you made in drafts"),
    "set_aside": to_phrase("Warnings you set aside"),
    "programme": to_phrase("Programmes you adopted"),
    "rollout_place": to_phrase("When you start what is rolled out"),
    "rollout": to_phrase("Rollouts you drew"),
    "refresher": to_phrase("Refreshers you decided about"),
    "fix": to_phrase("Fixes you own"),
    "fix_step": to_phrase("What you did with fixes"),
    "relief": to_phrase("Requirements you confirmed to be lower"),
    "lesson": to_phrase("What you reported"),
    "asked_need": to_phrase("Learning time that lessons ask for you"),
    "presenter": to_phrase("Your turns in case rounds"),
    "case_card": to_phrase("Your cards for case rounds"),
    "case_card_read": to_phrase("Cards of others you read"),
    "case_round": to_phrase("Case rounds you closed"),
    "turn": to_phrase("Sessions you left or came back to"),
    "absence": to_phrase("When you are away"),
    "held": to_phrase("What you hold already"),
    "owed": to_phrase("What you are owed"),
    "feed": to_phrase("Your calendar links"),
    "fragment": to_phrase("Entries kept for your links"),
    "shown": to_phrase("What your links show"),
    "series": to_phrase("Your coaching in the plan"),
    "coach": to_phrase("What you said as a coach"),
    "coaching_request": to_phrase("Your coaching requests"),
    "coaching_hold": to_phrase("Times kept for coaching you were asked for"),
    "coaching_decline": to_phrase("Coaching you declined"),
    "coaching_plan": to_phrase("Your coaching: goal and course"),
    "coaching_part": to_phrase("Coaching you gave"),
    "coaching_note": to_phrase("Your coaching: steps and shared notes"),
    "observation": to_phrase("What was seen of you, by principle"),
    "coaching_private": to_phrase("Your own notes as a coach"),
    "sign_in": to_phrase("Browsers you are signed in with"),
    "audit": to_phrase("What you did"),
    "draft": to_phrase("Drafts you made"),
    "version": to_phrase("Plans you published"),
    "facilitator": to_phrase("What you lead"),
    "identity": to_phrase("The provider you sign in by"),
    "account_link": to_phrase("Links to a password of your own"),
    "second_step": to_phrase("The second step of your sign-in"),
    "recovery_code": to_phrase("Your recovery codes"),
    "passkey": to_phrase("Your passkeys"),
    "half_sign_in": to_phrase("Sign-ins that wait for their code"),
    "readings_consent": to_phrase("Readings you let your coach see"),
    "condition_look": to_phrase("Conditions you looked at"),
    "target": to_phrase("Targets you set"),
    "decides_alone": to_phrase("What you wrote that may be decided alone"),
    "vacancy": to_phrase("Vacancies you entered"),
    "vacancy_assessor": to_phrase("Vacancies you assess for"),
    "candidate": to_phrase("Places you asked for here"),
    "hiring_card": to_phrase("Hiring cards you wrote"),
    "hiring_decision": to_phrase("Hiring you decided"),
    "own_reading": to_phrase("Readings of your own work"),
    "mark": to_phrase("Marks you set on charts"),
    "meeting_link": to_phrase("Links to meetings you gave"),
    "api_token": to_phrase("Your tokens of the API"),
    "api_answer": to_phrase("Answers kept for your tokens"),
}


@pages.get("/development/year")
@allow("home")
def year() -> str:
    """Show a year of one's own development; this year unless another is asked for."""
    me, at = viewer(), now()
    chosen = _year(request.args.get("year", ""), today().year)
    start = datetime(chosen, 1, 1, tzinfo=UTC) - timedelta(days=1)
    with parts().store.read() as db:
        near = sessions.published(
            db, Wanted(start=start, end=start + A_YEAR + timedelta(days=2), involves=me.person_id)
        )
        own = tuple(s for s in near if s.starts.year == chosen)
        marked = sessions.attendance(db, [s.id for s in own])
        marks = {i: row[me.person_id] for i, row in marked.items() if me.person_id in row}
        known = shown.names_for(db, own)
        version = plans.latest(db)
        owed = (
            calendar_figures.owed_lines(
                db, plans.draft_of_version(db, version.number), person_id=me.person_id, limit=MOST_OWED
            )
            if version
            else ()
        )
    return render_template(
        "development/year.html",
        year=chosen,
        name=me.name,
        lede=sentence([s for s in own if me.person_id in s.people], marks, len(owed), at),
        months=months(own, known, marks, me.person_id, at),
        owed=[(known.title(o.activity), phrase("due by %(day)s", day=day(o.due))) for o in owed],
        printed=full_day(local(at, me.zone).date()),
        zones=several(sorted({zone_name(s.zone) for s in own})),
        before=url_for("development.year", year=chosen - 1),
        after=url_for("development.year", year=chosen + 1),
    )


def _year(asked: str, this: int) -> int:
    """Give the year asked for, within ten of this one."""
    found = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 4 else this  # noqa: PLR2004
    return found if abs(found - this) <= 10 else this  # noqa: PLR2004 -- nothing is planned or kept further off


@pages.get("/account/data")
@allow("exports")
def data() -> str:
    """Show what is held about oneself, table by table, with how long it stays."""
    with parts().store.read() as db:
        found = own_data.everything_about(db, viewer().person_id)
        asked = {i: at for i, _, at in audit.asks_to_be_erased(db)}.get(viewer().person_id)
    return render_template(
        "development/data.html",
        asked=full_day(local(asked, viewer().zone).date()) if asked else "",
        ask=url_for("keeping.ask"),
        tables=[_table(one) for one in found if one.rows],
        empty=[str(_name(one.table)) for one in found if not one.rows],
        download=url_for("development.data_file"),
    )


def _table(one: Kept) -> dict[str, Any]:
    heads = list(one.rows[0])
    return {
        "name": _name(one.table),
        "count": len(one.rows),
        "retention": phrase(one.retention),
        "rows": [[(head, _shown(row[head])) for head in heads if _shown(row[head])] for row in one.rows[:SHOWN]],
        "more": max(0, len(one.rows) - SHOWN),
    }


SHOWN: Final = 30
LONGEST: Final = 160


def _shown(value: own_data.Cell) -> str:
    if isinstance(value, bool):
        return phrase_as("answer", "yes") if value else phrase_as("answer", "no")
    said = "" if value is None else phrase(own_data.WITHHELD) if value == own_data.WITHHELD else str(value)
    return said if len(said) <= LONGEST else said[:LONGEST] + " …"


def _name(table: str) -> str:
    return _NAMES.get(table, table.replace("_", " ").capitalize())


@pages.get("/account/data.json")
@allow("exports")
def data_file() -> Response:
    """Give all of it as one file."""
    body = my_data.as_json(my_data.everything(parts(), viewer().person_id))
    response = Response(body, mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@pages.get("/manifest.webmanifest")
@allow("public")
def manifest() -> Response:
    """Say how devsys is put on the home screen of a phone."""

    def picture(name: str, size: str, purpose: str = "any") -> dict[str, str]:
        kind = "image/svg+xml" if name.endswith("svg") else "image/png"
        return {"src": url_for("static", filename=name), "sizes": size, "type": kind, "purpose": purpose}

    said = {
        "name": phrase("devsys: my development"),
        "short_name": "devsys",
        "start_url": url_for("home.show"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#fbf8f1",
        "theme_color": "#fbf8f1",
        "icons": [
            picture("icon-192.png", "192x192"),
            picture("icon-512.png", "512x512"),
            picture("icon-512.png", "512x512", "maskable"),
            picture("favicon.svg", "any"),
        ],
    }
    return Response(json.dumps(said), mimetype="application/manifest+json")
