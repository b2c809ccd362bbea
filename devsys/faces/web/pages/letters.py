"""Letters: what waits, what was sent, what could not be, with "try again"."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import choose_letters, held_letters, send_letters
from devsys.adapters.post.smtp import is_set
from devsys.adapters.store.queries import house, letters
from devsys.adapters.store.queries.letters import Letter, Trouble
from devsys.base.errors import ConflictError, InvalidError
from devsys.base.text import count_of
from devsys.base.written import clock, full_day, near_day
from devsys.core.letters.when import Choice, Timing
from devsys.core.policy import allow
from devsys.core.policy import scope as scope_of
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, scope, today, viewer

pages = Blueprint("letters", __name__)
SHOWN: Final = 100
_ABOUT: Final = {
    letters.PLAN: "What changed in their calendar",
    letters.REMINDER: "Tomorrow's sessions",
    letters.ASK: "What they are asked",
    letters.FEEDBACK: "How it was",
    letters.ACCOUNT: "A link to a password",
    letters.CHANGED: "That the password was changed",
    letters.SECOND_STEP: "That the second step of signing in changed",
    letters.OWNER: "What they own and is due",
    letters.FETCHED: "That a calendar link works",
    letters.INVITE: "An invitation",
    letters.COACHING: "1:1 development",
}
TIMINGS: Final = (
    (Timing.SOON.value, "A letter soon after", "Once a quiet time is over, so that several changes are one letter."),
    (Timing.MORNING.value, "A letter in the morning", "At seven, with everything that changed the day before."),
    (Timing.FEED.value, "No letter; I see it in my calendar", "Your calendar program decides how often it looks."),
)
LINK: Final = "link"
MAIL: Final = "mail"
_STATES: Final = {
    letters.WAITING: ("waits", ""),
    letters.SEALED: ("leaves", ""),
    letters.SENT: ("sent", "ok"),
    letters.KEPT: ("kept", "unknown"),
    letters.FAILED: ("failed", "bad"),
    letters.HELD: ("held", "warn"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One letter in a list."""

    id: str
    to: str
    what: str
    when: str
    state: str
    tone: str
    error: str
    href: str
    again: str


@pages.get("/letters")
@allow("letters")
def index() -> str | Response:
    """List letters: what could not be sent, what waits, what was sent; one's own only for who runs nothing."""
    mine = scope()
    with parts().store.read() as db:
        counts = letters.counts(db, mine)
        failed = letters.listed(db, (letters.FAILED,), mine, limit=SHOWN)
        held = letters.listed(db, (letters.HELD,), mine, limit=SHOWN)
        since = letters.restored(db)
        waiting = letters.listed(db, (letters.WAITING, letters.SEALED), mine, limit=SHOWN)
        gone = letters.listed(db, (letters.SENT, letters.KEPT), mine, limit=SHOWN)
        trouble = letters.trouble(db)
        demo = house.is_demo(db)
    wide = mine.wide
    return render_template(
        "letters/index.html",
        wide=wide,
        lede=_lede(counts, waiting),
        notice=_notice(trouble, demo=demo) if wide else "",
        failed=[_shown(one) for one in failed],
        held=[_shown(one) for one in held],
        restored=near_day(local(since, viewer().zone).date(), today()) if since else "",
        settles=bool(scope_of(viewer(), "letters", "write")),
        waiting=[_shown(one) for one in waiting],
        gone=[_shown(one) for one in gone],
        counts={
            "failed": counts.get(letters.FAILED, 0),
            "held": counts.get(letters.HELD, 0),
            "waiting": counts.get(letters.WAITING, 0) + counts.get(letters.SEALED, 0),
            "gone": counts.get(letters.SENT, 0) + counts.get(letters.KEPT, 0),
        },
        shown=SHOWN,
    )


def _lede(counts: Mapping[str, int], waiting: tuple[Letter, ...]) -> str:
    count, held = counts.get(letters.WAITING, 0) + counts.get(letters.SEALED, 0), counts.get(letters.HELD, 0)
    if not count:
        return f"{count_of(held, 'letter is', 'letters are')} held." if held else "No letter waits."
    waits = count_of(count, "letter waits", "letters wait")
    due = waiting[0].due
    return f"{waits}; the first is due {'now' if due <= now() else _when(waiting[0])}."


def _notice(trouble: Trouble | None, *, demo: bool) -> str:
    if demo:
        return "This is a demo: letters are kept to be read here, none leaves this machine."
    if not is_set(parts().settings):
        return "No mail server is set, so letters wait. Whoever runs devsys sets DEVSYS_SMTP_HOST and DEVSYS_MAIL_FROM."
    if trouble is not None:
        at = local(trouble.until, viewer().zone)
        return f"{trouble.words.rstrip('.')}. Letters wait; the next try is at {clock(at)}."
    return ""


def _when(letter: Letter) -> str:
    at = local(letter.ended or letter.due, viewer().zone)
    return f"{near_day(at.date(), today())}, {clock(at)}"


def _shown(letter: Letter) -> Shown:
    word, tone = _STATES[letter.state]
    again = letter.state == letters.FAILED and bool(scope_of(viewer(), "letters", "write"))
    return Shown(
        id=letter.id,
        to=letter.name,
        what=letter.subject or _ABOUT.get(letter.kind, "A letter"),
        when=_when(letter),
        state=word,
        tone=tone,
        error=letter.error,
        href=url_for("letters.show", letter_id=letter.id) if letter.text else "",
        again=url_for("letters.again", letter_id=letter.id) if again else "",
    )


@pages.get("/letters/<letter_id>")
@allow("letters")
def show(letter_id: str) -> str:
    """Show one letter as its reader got it."""
    with parts().store.read() as db:
        found = letters.one(db, letter_id, scope())
    at = local(found.ended or found.due, viewer().zone)
    return render_template(
        "letters/show.html",
        letter=_shown(found),
        text=found.text.strip(),
        address=found.recipient,
        facts=(
            ("To", f"{found.name}, {found.recipient}" if found.recipient else found.name),
            ("State", _STATES[found.state][0]),
            ("When", f"{full_day(at.date())}, {clock(at)}"),
        ),
    )


@pages.post("/letters/<letter_id>/again")
@allow("letters", "write")
def again(letter_id: str) -> Response:
    """Let a letter that failed be sent again, with what stands now."""
    try:
        send_letters.try_again(parts(), viewer(), letter_id)
    except ConflictError as error:
        flash(error.message, "warn")
    else:
        flash("It leaves at the next try, with what stands now.", "ok")
    return redirect(url_for("letters.index"), 303)


@pages.post("/letters/held")
@allow("letters", "write")
def settle() -> Response:
    """Let letters go that are held since a restore, or throw them away; all of them, or one."""
    form = Form()
    does = form.choice("does", ("go", "away"))
    one = form.text("letter", required=False)
    if not form:
        raise InvalidError("Say whether they leave or are thrown away.")
    act = held_letters.let_go if does == "go" else held_letters.throw_away
    try:
        count = act(parts(), viewer(), one)
    except ConflictError as error:
        flash(error.message, "warn")
    else:
        words = count_of(count, "letter")
        flash(f"{words} may leave now." if does == "go" else f"{words} thrown away, as if sent.", "ok")
    return redirect(url_for("letters.index"), 303)


@pages.get("/account/letters")
@allow("profile")
def choices() -> str:
    """Show what the viewer chose to get by letter."""
    return _choices_page(choose_letters.chosen(parts(), viewer()), Form({}))


def _calendars(chosen: Choice) -> tuple[tuple[str, str, str], ...]:
    count = 0 if chosen.invitations else choose_letters.ahead(parts(), viewer())
    now_come = f" {count_of(count, 'message comes', 'messages come')} at once: what you have ahead." if count else ""
    mail = "One message for each session, which your mail program puts into your calendar."
    return (
        (LINK, "By a calendar link", "Your calendar program fetches it; one link for each device, on Subscribe."),
        (MAIL, "By invitations in the mail", mail + now_come),
    )


def _choices_page(chosen: Choice, form: Form) -> str:
    return render_template(
        "account/letters.html",
        timings=TIMINGS,
        timing=form.typed("timing", chosen.timing.value),
        reminders=chosen.reminders,
        feedback=chosen.feedback,
        calendars=_calendars(chosen),
        calendar=form.typed("calendar", MAIL if chosen.invitations else LINK),
        links=choose_letters.own_links(parts(), viewer()),
        errors=form.faults,
    )


@pages.post("/account/letters")
@allow("profile", "write")
def choose() -> Response:
    """Keep what the viewer chose."""
    form = Form()
    timing = form.choice("timing", [t.value for t in Timing])
    reminders, feedback = form.tick("reminders"), form.tick("feedback")
    calendar = form.choice("calendar", (LINK, MAIL), default=LINK)
    if not form:
        kept = Choice(reminders=reminders, invitations=calendar == MAIL, feedback=feedback)
        return Response(_choices_page(kept, form), 422, mimetype="text/html")
    choose_letters.choose(parts(), viewer(), Choice(Timing(timing), reminders, calendar == MAIL, feedback))
    flash("Kept. It holds from the next letter on.", "ok")
    return redirect(url_for("letters.choices"), 303)
