"""How evenly a plan serves, in words: of people only what everybody has at least, of teams of five or more the last."""

from devsys.base.written import number, percent
from devsys.core.model.calendar import Evenness
from devsys.core.policy import scope
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.here import viewer
from devsys.faces.web.session_values import Names


def even_here(even: Evenness | None, known: Names) -> list[tuple[str, str]]:
    """Give `even_words` to who sees the whole plan; the team with the smallest share is named to who plans."""
    if even is None or not reach_here().everything:
        return []
    plans = scope(viewer(), "draft", "write").everything
    return even_words(even, known.team(even.team_id) if plans else "")


def even_words(even: Evenness, team: str = "") -> list[tuple[str, str]]:
    """Give pairs of what and how evenly; `team` is the name of the team with the smallest share, if it may be said."""
    found = []
    on_time, needs = even.person
    if needs:
        share = _at_least(on_time, needs)
        found.append(("Every person", f"at least {on_time:,} of {needs:,} needs on time ({share})"))
    if even.team_id:
        on_time, needs = even.team
        named = f"; {team} has the least" if team else ""
        found.append(("Every team of five or more", f"at least {_at_least(on_time, needs)} on time{named}"))
    if even.seats:
        parts = (("before ten", even.early), ("from four on", even.late), ("on Fridays", even.friday))
        hours = ", ".join(f"{percent(100 * count / even.seats)} {when}" for when, count in parts)
        most = f"nobody has more than {number(even.above)} seats above an even share" if even.above > 0 else "all even"
        found.append(("Of all seats", f"{hours}; {most}"))
        apart = f"{100 * even.apart:.1f}"
        found.append(("Like facilitators", f"at most {apart} points apart in how much of their hours they lead"))
    return found


def _at_least(on_time: int, needs: int) -> str:
    """Give a share that is not exceeded by rounding it."""
    return percent(1000 * on_time // needs / 10)
