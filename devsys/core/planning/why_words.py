"""Reasons and changes in sentences: with names, places and times, as a coordinator says them.

A one-to-one is never named by its theme nor by whom it is with: who reads a reason may not be one of the two.
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

import numpy as np

from devsys.base import written
from devsys.base.words import grouped, phrase, phrases, to_keep
from devsys.core.planning.grid import Meeting
from devsys.core.planning.problem import DAY, WEEK, Problem, Session, Site, say_day, say_slot
from devsys.core.planning.relax import Relax
from devsys.core.planning.why_fits import Fits, Seat
from devsys.core.planning.why_standing import Standing
from devsys.core.planning.why_starts import BIT, codes_of

COACHING: Final = "coach"  # the kind whose sessions are between two people
_MOST_SPOKEN: Final = 6
_HOUR: Final = 60


def spoken(count: int) -> str:
    """Give a small figure as a sentence says it."""
    return written.spoken(count) if count <= _MOST_SPOKEN else written.number(count)


def hours(slots: int) -> str:
    """Give a length in words: 30 minutes, 1 h, 1.5 h."""
    minutes = slots * 30
    if minutes < _HOUR:
        return phrase("%(minutes)s minutes", minutes=minutes)
    return phrase("%(hours)s h", hours=grouped(f"{minutes / _HOUR:g}"))


def listed(words: Sequence[str]) -> str:
    """Join words as a sentence does: a, b and c."""
    return written.several(words)


def window_words(problem: Problem, site: Site, first: int, end: int) -> str:
    """Give the days of a window, its end not included: "from Mon 5 January to Sun 1 February"."""
    opens, closes = say_day(problem, site, first), say_day(problem, site, max(first, end - 1))
    if opens == closes:
        return phrase("on %(day)s", day=opens)
    return phrase("from %(first)s to %(last)s", first=opens, last=closes)


def raised(text: str) -> str:
    """Give a sentence with its first letter raised."""
    return text[:1].upper() + text[1:]


def session_words(standing: Standing, session: Session) -> str:
    """Name a session: "Hear fully of Tue 14 April 10:00"; a one-to-one only as such."""
    problem = standing.problem
    act = problem.activities[standing.lay.act_at[session.act]]
    site = problem.sites[standing.lay.site_at[session.site]]
    what = phrase("a one-to-one") if act.kind == COACHING else act.label
    return phrase("%(what)s of %(when)s", what=what, when=say_slot(problem, site, session.start))


# What a rule says of a start, in words that go on a sentence; what the places are is what `Words._clause` fills in.
_CLAUSES: Final = MappingProxyType(
    {
        "open_day": to_keep("%(site)s has a holiday"),
        "at_work": to_keep("%(name)s is not at work"),
        "facilitator": to_keep("nobody who can lead %(what)s is at work"),
        "room": to_keep("%(site)s has no room that seats %(least)s"),
        "coverage": to_keep("%(pool)s can spare nobody"),
        "spacing": to_keep("%(name)s has other sessions of this kind nearer than %(gap)s days"),
        "one_place": to_keep("%(name)s is in other sessions"),
        "recovery": to_keep("%(name)s recovers from an intense session or would have two on one day"),
        "dose": to_keep(
            "%(name)s has no learning time left (%(day)s h a day and %(week)s h a week are allowed)",
        ),
        "full": to_keep("the group of %(what)s is full"),
        "queue_taken": to_keep("what %(pool)s can spare is taken by other sessions"),
        "leaders_taken": to_keep("everybody who can lead %(what)s is taken or has led enough"),
        "rooms_taken": to_keep("the rooms of %(site)s are taken"),
    }
)

_IFS: Final = MappingProxyType(
    {
        "open_day": to_keep("that day were no holiday of %(site)s"),
        "at_work": to_keep("%(name)s were at work"),
        "full": to_keep("the group took %(amount)s"),
        "recovery": to_keep("%(name)s needed no recovery on that day"),
        "room": to_keep("%(site)s had one more room, for %(amount)s"),
        "series": to_keep("the series did not keep its order, its days and its coach"),
    }
)


class Words:
    """The sentences of one owed need."""

    def __init__(self, fits: Fits) -> None:
        self.fits, self.starts, self.standing = fits, fits.starts, fits.standing
        self.problem, self.lay = fits.problem, fits.lay
        self.name, self.what = fits.agent.label, fits.activity.label
        self.pool = self.problem.pools[self.starts.pool].label
        self.place = fits.site

    # ---- reasons

    def reason(self, code: str, bits: int, seat: Seat | None) -> str:
        """Give the sentence of a reason: what stands in the way, in which days, and where a session is named, which."""
        if not bits:
            when = self._when(seat.start) if seat else ""
            return phrase("A place is left on %(when)s; drawing the plan again looks for it.", when=when)
        codes = codes_of(bits)
        if code == "competition":
            return phrase(
                "Other sessions came first whenever %(name)s could come, %(window)s%(named)s: %(clauses)s.",
                name=self.name,
                window=self._window(),
                named=self._named(seat),
                clauses=listed([self._clause(c, seat) for c in codes]),
            )
        if len(codes) > 1:
            return self._together(codes, seat)
        whole = self._everywhere(codes[0])
        if sentence := self._whole(code) if whole else "":
            return sentence
        if code in ("queue_taken", "leaders_taken", "rooms_taken", "one_place"):
            return phrase(
                "%(clause)s whenever all else would fit, %(window)s%(named)s.",
                clause=raised(self._clause(code, seat)),
                window=self._window(),
                named=self._named(seat),
            )
        clause, window = self._clause(code, seat), self._window()
        if whole:
            return phrase("%(clause)s, %(window)s.", clause=raised(clause), window=window)
        return phrase("Whenever all else would fit, %(clause)s, %(window)s.", clause=clause, window=window)

    def _together(self, codes: Sequence[str], seat: Seat | None) -> str:
        """Say what stands in the way together: first what by itself leaves no start, then what does beside it."""
        read = [self.companions_code(seat) if code == "companions" else code for code in codes]
        whole = [sentence for code in read if self._everywhere(code) and (sentence := self._whole(code))]
        rest = [self._clause(code, seat) for code in read if not (self._everywhere(code) and self._whole(code))]
        near = phrase(", even on %(when)s", when=self._when(seat.start)) if seat else ""
        if not rest:
            return " ".join(whole)
        if whole:
            return phrase("%(whole)s Besides, %(rest)s%(near)s.", whole=" ".join(whole), rest=listed(rest), near=near)
        return phrase(
            "%(count)s things stand in the way %(window)s%(near)s: %(rest)s.",
            count=raised(spoken(len(codes))),
            window=self._window(),
            near=near,
            rest=listed(rest),
        )

    def _everywhere(self, code: str) -> bool:
        """Say whether a rule by itself leaves no start; of too few others, whether so whenever the person can."""
        if code in ("companions", "others_placed"):
            return 0 < self._could_come() < self.starts.least
        return self.fits.everywhere(code)

    def _named(self, seat: Seat | None) -> str:
        """Name what is in the way at the start that was tried."""
        gone = [i for r in seat.relaxes for i in r.gone] if seat else []
        if not gone or seat is None:
            return ""
        sessions = [session_words(self.standing, self.standing.trial.sessions[i]) for i in gone]
        return phrase("; on %(when)s it is %(sessions)s", when=self._when(seat.start), sessions=listed(sessions))

    def _whole(self, code: str) -> str:
        """Give the sentence of a rule that by itself leaves no start of the window."""
        window = self._window()
        if code == "at_work":
            return phrase(
                "%(name)s is not at work for %(hours)s in a row %(window)s.",
                name=self.name,
                hours=hours(self.starts.length),
                window=window,
            )
        if code == "facilitator" and not self.lay.facs_for[self.starts.act, self.starts.site]:
            return phrase("Nobody is qualified to lead %(what)s at %(site)s.", what=self.what, site=self.place.label)
        if code == "companions":
            return self._too_few()
        if code == "others_placed":
            return self._others_placed()
        if code in ("prerequisite", "room", "series"):
            return f"{raised(self._clause(code, None))}."
        return ""

    def _clause(self, code: str, seat: Seat | None) -> str:
        name, least = self.name, self.starts.least
        if code in ("companions", "others_placed"):
            return self._others(seat)
        if code == "series":
            return self._series()
        if code == "coverage" and seat is not None and least > 1 and self._spares(seat.start):
            return phrase("%(pool)s can spare too few for a group of %(least)s", pool=self.pool, least=least)
        if code == "prerequisite":
            missing = [self.problem.activities[p].label for p in self.lay.before[self.starts.need]]
            return phrase("%(name)s needs %(missing)s first", name=name, missing=listed(missing))
        rules = self.problem.rules
        return phrase(
            _CLAUSES[code],
            name=name,
            what=self.what,
            site=self.place.label,
            pool=self.pool,
            least=least,
            gap=self._gap(),
            day=grouped(f"{rules.day_slots / 2:g}"),
            week=grouped(f"{rules.week_slots / 2:g}"),
        )

    def _spares(self, start: int) -> bool:
        return bool(self.starts.mine_base[start - self.starts.first])

    def _gap(self) -> int:
        return self.lay.gap[self.lay.kind[self.starts.act]] // DAY

    def _series(self) -> str:
        starts = self.starts
        before = starts.step_before()
        if starts.waits_for_step() or before is None:
            if starts.need not in self.lay.steps.get(self.lay.need_series[starts.need], []):
                return phrase("an earlier step of this series is not among the needs")
            return phrase("an earlier step of the series is not placed, and steps keep their order")
        coach = self.problem.facilitators[before.fac].label if before.fac >= 0 else phrase("the coach")
        low, high = self.problem.rules.coach_gap_days
        return phrase(
            "%(coach)s and %(name)s have no common time %(low)s to %(high)s days after the step before",
            coach=coach,
            name=self.name,
            low=low,
            high=high,
        )

    def companions_code(self, seat: Seat | None) -> str:
        """Say whether too few ever could come (`companions`) or the others have their sessions (`others_placed`)."""
        starts, lay = self.starts, self.lay
        there = np.zeros(starts.width, dtype=np.int32)
        people: dict[int, np.ndarray] = {}
        for n in lay.members[starts.group]:
            a, b = max(starts.first, lay.first[n]), min(starts.end, lay.last[n])
            if a < b:
                agent = lay.need_agent[n]
                line = people.setdefault(agent, np.zeros(starts.width, dtype=bool))
                line[a - starts.first : b - starts.first] = True
        if len(people) < starts.least:
            return "companions"
        for agent, line in people.items():
            there += line & (lay.work_rows[agent, starts.first : starts.end] > 0)
        calm = (starts.own == 0) | (np.arange(starts.width) + starts.first == (seat.start if seat else -1))
        return "others_placed" if int(there[calm].max(initial=0)) >= starts.least else "companions"

    def _too_few(self) -> str:
        return phrase(
            "Too few others can come when %(name)s can: %(best)s at best, the group needs %(least)s.",
            name=self.name,
            best=max(1, self._could_come()),
            least=self.starts.least,
        )

    def _others_placed(self) -> str:
        more, least = self._could_come() - 1, self.starts.least
        if more <= 0:
            return phrase(
                "The others have their sessions; nobody else waits, and the group needs %(least)s.", least=least
            )
        return phrases(
            "The others have their sessions; %(num)s more waits, and the group needs %(least)s.",
            "The others have their sessions; %(num)s more wait, and the group needs %(least)s.",
            more,
            least=least,
        )

    def _could_come(self) -> int:
        """Give how many could come at best when the person can, the person among them; 0 where the person never can."""
        return int(self.starts.waiting.people[self.starts.own == 0].max(initial=0))

    def _best(self) -> int:
        """Give how many could come at best where too few is all that stands in the way, the person among them."""
        alone = self.fits.ways[0].bits == BIT["companions"]
        return int(self.starts.waiting.people[alone].max(initial=1))

    def _others(self, seat: Seat | None) -> str:
        best = int(self.starts.waiting.people[seat.start - self.starts.first]) if seat else self._best()
        least = self.starts.least
        if best <= 1:
            return phrase("nobody else waits who could come (the group needs %(least)s)", least=least)
        return phrases(
            "only %(num)s more who wait could come (the group needs %(least)s)",
            "only %(num)s more who wait could come (the group needs %(least)s)",
            best - 1,
            least=least,
        )

    def too_long(self) -> str:
        """Say that an activity is longer than anybody may learn."""
        return phrase(
            "%(what)s takes %(hours)s, more than anybody may learn in a day or a week.",
            what=self.what,
            hours=hours(self.starts.length),
        )

    def closed(self) -> str:
        """Say why a window has no start."""
        need = self.problem.needs[self.starts.need]
        if need.earliest >= self.problem.slots:
            return phrase("Its window begins after the planned weeks.")
        if Relax("window") in self.fits.given or need.latest <= self.problem.frozen_until:
            day = say_day(self.problem, self.place, need.latest - 1)
            return phrase("Its window closed on %(day)s, before anything new may start.", day=day)
        return phrase("Its window is too short for the session.")

    def _window(self) -> str:
        starts = self.starts
        return window_words(self.problem, self.place, starts.first, starts.end)

    def _when(self, slot: int) -> str:
        return say_slot(self.problem, self.place, slot)

    # ---- what would make it fit

    def fit(self, seat: Seat) -> str:
        """Say what would make the need fit."""
        when = self._when(seat.start)
        asked = [r for r in seat.relaxes if r.code != "window"]
        if not asked and not seat.bits and len(asked) == len(seat.relaxes):
            return phrase("Would fit on %(when)s as the plan stands.", when=when)
        if not asked:
            if seat.joins:
                return phrase("Would fit in the session of %(when)s.", when=when)
            return phrase("Would fit from %(when)s.", when=when)
        if len(asked) == 1 and asked[0].code == "companions":
            return phrase(
                "Would fit with a group of %(amount)s instead of %(least)s, %(when)s.",
                amount=asked[0].amount,
                least=self.starts.least,
                when=when,
            )
        if len(asked) == 1 and asked[0].code == "full":
            return phrase(
                "Would fit if %(session)s took %(amount)s instead of %(seats)s.",
                session=session_words(self.standing, seat.session),
                amount=asked[0].amount,
                seats=asked[0].amount - 1,
            )
        return phrase(
            "Would fit on %(when)s if %(clauses)s.", when=when, clauses=listed([self._if(r, seat) for r in asked])
        )

    def _if(self, relax: Relax, seat: Seat) -> str:
        """Give what would have to be otherwise, in words that follow "if"."""
        name, amount = self.name, relax.amount
        if relax.gone:
            return self._elsewhere(relax, seat)
        if relax.code == "leaders_taken":
            leader = self._leader(relax.who)
            return phrase("%(leader)s could lead %(hours)s more that week", leader=leader, hours=hours(amount))
        if relax.code == "facilitator":
            if relax.who:
                return phrase("%(name)s were at work", name=self._leader(relax.who))
            return phrase("one more could lead %(what)s", what=self.what)
        if relax.code == "coverage":
            pool = self.problem.pools[self.lay.pool_at[relax.who]].label
            return phrases(
                "%(pool)s needed %(num)s fewer", "%(pool)s needed %(num)s fewer", amount, num=spoken(amount), pool=pool
            )
        if relax.code == "companions":
            return phrases("%(num)s were enough for a group", "%(num)s were enough for a group", amount, num=amount)
        if relax.code == "spacing":
            nearest = self._nearest(seat.start)
            return phrase(
                "%(name)s needed fewer than %(gap)s days to %(session)s", name=name, gap=self._gap(), session=nearest
            )
        if relax.code == "dose":
            return self._learning(relax, seat)
        if relax.code == "prerequisite":
            missing = [self.problem.activities[p].label for p in self.lay.before[self.starts.need]]
            return phrase("%(name)s held %(missing)s by then", name=name, missing=listed(missing))
        return phrase(_IFS[relax.code], name=name, site=self.place.label, amount=amount)

    def _learning(self, relax: Relax, seat: Seat) -> str:
        if relax.agent:
            return self._more_learning(seat.start)
        return phrase("everybody could learn %(hours)s at a time", hours=hours(relax.amount))

    def _leader(self, who: str) -> str:
        return self.problem.facilitators[self.lay.fac_at[who]].label

    def _elsewhere(self, relax: Relax, seat: Seat) -> str:
        sessions = [self.standing.trial.sessions[i] for i in relax.gone]
        told = listed([session_words(self.standing, s) for s in sessions])
        if relax.put:
            return phrase("%(sessions)s moved to %(when)s", sessions=told, when=self._when(relax.put[0].start))
        room = seat.session.room
        if relax.code == "rooms_taken" and room in self.lay.room_at:
            return phrases(
                "room %(room)s were free (%(sessions)s is in it)",
                "room %(room)s were free (%(sessions)s are in it)",
                len(sessions),
                room=self.lay.rooms[self.lay.room_at[room]].label,
                sessions=told,
            )
        return phrases(
            "%(sessions)s was at another time", "%(sessions)s were at another time", len(sessions), sessions=told
        )

    def _own(self) -> list[Meeting]:
        return [m for _, _, m in self.standing.grid.of[self.starts.agent]]

    def _nearest(self, start: int) -> str:
        kind = self.lay.kind[self.starts.act]
        rows = [m for m in self._own() if m.kind == kind]
        m = min(rows, key=lambda m: abs(m.start - start))
        if m.act < 0:
            return phrase("the session before the planned weeks")
        return session_words(self.standing, self.standing.session(m))

    def _more_learning(self, start: int) -> str:
        starts, lay, rules = self.starts, self.lay, self.problem.rules
        day = int(self.standing.day_used[starts.agent][lay.day_of[starts.site][start]]) + starts.length
        week = int(self.standing.week_used[starts.agent][start // WEEK]) + starts.length
        if day > rules.day_slots:
            return phrase("%(name)s could learn %(hours)s that day", name=self.name, hours=hours(day))
        return phrase("%(name)s could learn %(hours)s that week", name=self.name, hours=hours(week))
