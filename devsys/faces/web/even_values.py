"""How evenly a plan serves, in words: of people only what everybody has at least, of teams of five or more the last."""

from devsys.base.words import phrase
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
        found.append(
            (
                phrase("Every person"),
                phrase(
                    "at least %(on_time)s of %(needs)s needs on time (%(share)s)",
                    on_time=number(on_time),
                    needs=number(needs),
                    share=share,
                ),
            )
        )
    if even.team_id:
        on_time, needs = even.team
        words = phrase("at least %(share)s on time", share=_at_least(on_time, needs))
        if team:
            words = phrase("%(words)s; %(team)s has the least", words=words, team=team)
        found.append((phrase("Every team of five or more"), words))
    if even.seats:
        parts = (
            (phrase("before ten"), even.early),
            (phrase("from four on"), even.late),
            (phrase("on Fridays"), even.friday),
        )
        hours = ", ".join(f"{percent(100 * count / even.seats)} {when}" for when, count in parts)
        most = (
            phrase("nobody has more than %(num)s seats above an even share", num=number(even.above))
            if even.above > 0
            else phrase("all even")
        )
        found.append((phrase("Of all seats"), f"{hours}; {most}"))
        apart = f"{100 * even.apart:.1f}"
        found.append(
            (
                phrase("Like facilitators"),
                phrase("at most %(num)s points apart in how much of their hours they lead", num=apart),
            )
        )
    return found


def _at_least(on_time: int, needs: int) -> str:
    """Give a share that is not exceeded by rounding it."""
    return percent(1000 * on_time // needs / 10)
