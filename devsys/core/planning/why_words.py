"""Reasons and changes in sentences: with names, places and times, as a coordinator says them.

A one-to-one is never named by its theme nor by whom it is with: who reads a reason may not be one of the two.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from devsys.core.planning.grid import Meeting
from devsys.core.planning.problem import DAY, WEEK, Session, say_day, say_slot
from devsys.core.planning.relax import Relax
from devsys.core.planning.why_fits import Fits, Seat
from devsys.core.planning.why_standing import Standing
from devsys.core.planning.why_starts import BIT, codes_of

COACHING: Final = "coach"  # the kind whose sessions are between two people
_SPOKEN: Final = ("no", "one", "two", "three", "four", "five", "six")
_HOUR: Final = 60


def spoken(count: int) -> str:
    """Give a small figure as a sentence says it."""
    return _SPOKEN[count] if 0 <= count < len(_SPOKEN) else f"{count:,}"


def hours(slots: int) -> str:
    """Give a length in words: 30 minutes, 1 h, 1.5 h."""
    minutes = slots * 30
    return f"{minutes} minutes" if minutes < _HOUR else f"{minutes / _HOUR:g} h"


def listed(words: Sequence[str]) -> str:
    """Join words as a sentence does: a, b and c."""
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def raised(text: str) -> str:
    """Give a sentence with its first letter raised."""
    return text[:1].upper() + text[1:]


def session_words(standing: Standing, session: Session) -> str:
    """Name a session: "Hear fully of Tue 14 April 10:00"; a one-to-one only as such."""
    problem = standing.problem
    act = problem.activities[standing.lay.act_at[session.act]]
    site = problem.sites[standing.lay.site_at[session.site]]
    what = "a one-to-one" if act.kind == COACHING else act.label
    return f"{what} of {say_slot(problem, site, session.start)}"


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
            return f"A place is left on {when}; drawing the plan again looks for it."
        codes = codes_of(bits)
        if code == "competition":
            told = f"Other sessions came first whenever {self.name} could come, {self._window()}"
            return f"{told}{self._named(seat)}: {listed([self._clause(c, seat) for c in codes])}."
        if len(codes) > 1:
            return self._together(codes, seat)
        whole = self._everywhere(codes[0])
        if sentence := self._whole(code) if whole else "":
            return sentence
        if code in ("queue_taken", "leaders_taken", "rooms_taken", "one_place"):
            return (
                f"{raised(self._clause(code, seat))} whenever all else would fit, {self._window()}{self._named(seat)}."
            )
        if whole:
            return f"{raised(self._clause(code, seat))}, {self._window()}."
        return f"Whenever all else would fit, {self._clause(code, seat)}, {self._window()}."

    def _together(self, codes: Sequence[str], seat: Seat | None) -> str:
        """Say what stands in the way together: first what by itself leaves no start, then what does beside it."""
        read = [self.companions_code(seat) if code == "companions" else code for code in codes]
        whole = [sentence for code in read if self._everywhere(code) and (sentence := self._whole(code))]
        rest = [self._clause(code, seat) for code in read if not (self._everywhere(code) and self._whole(code))]
        near = f", even on {self._when(seat.start)}" if seat else ""
        if not rest:
            return " ".join(whole)
        if whole:
            return f"{' '.join(whole)} Besides, {listed(rest)}{near}."
        return f"{raised(spoken(len(codes)))} things stand in the way {self._window()}{near}: {listed(rest)}."

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
        return f"; on {self._when(seat.start)} it is {listed(sessions)}"

    def _whole(self, code: str) -> str:
        """Give the sentence of a rule that by itself leaves no start of the window."""
        window = self._window()
        if code == "at_work":
            return f"{self.name} is not at work for {hours(self.starts.length)} in a row {window}."
        if code == "facilitator" and not self.lay.facs_for[self.starts.act, self.starts.site]:
            return f"Nobody is qualified to lead {self.what} at {self.place.label}."
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
            return f"{self.pool} can spare too few for a group of {least}"
        if code == "prerequisite":
            missing = [self.problem.activities[p].label for p in self.lay.before[self.starts.need]]
            return f"{name} needs {listed(missing)} first"
        rules = self.problem.rules
        return {
            "open_day": f"{self.place.label} has a holiday",
            "at_work": f"{name} is not at work",
            "facilitator": f"nobody who can lead {self.what} is at work",
            "room": f"{self.place.label} has no room that seats {least}",
            "coverage": f"{self.pool} can spare nobody",
            "spacing": f"{name} has other sessions of this kind nearer than {self._gap()} days",
            "one_place": f"{name} is in other sessions",
            "recovery": f"{name} recovers from an intense session or would have two on one day",
            "dose": f"{name} has no learning time left ({rules.day_slots / 2:g} h a day and "
            f"{rules.week_slots / 2:g} h a week are allowed)",
            "full": f"the group of {self.what} is full",
            "queue_taken": f"what {self.pool} can spare is taken by other sessions",
            "leaders_taken": f"everybody who can lead {self.what} is taken or has led enough",
            "rooms_taken": f"the rooms of {self.place.label} are taken",
        }[code]

    def _spares(self, start: int) -> bool:
        return bool(self.starts.mine_base[start - self.starts.first])

    def _gap(self) -> int:
        return self.lay.gap[self.lay.kind[self.starts.act]] // DAY

    def _series(self) -> str:
        starts = self.starts
        before = starts.step_before()
        if starts.waits_for_step() or before is None:
            if starts.need not in self.lay.steps.get(self.lay.need_series[starts.need], []):
                return "an earlier step of this series is not among the needs"
            return "an earlier step of the series is not placed, and steps keep their order"
        coach = self.problem.facilitators[before.fac].label if before.fac >= 0 else "the coach"
        low, high = self.problem.rules.coach_gap_days
        return f"{coach} and {self.name} have no common time {low} to {high} days after the step before"

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
        told = f"Too few others can come when {self.name} can"
        return f"{told}: {max(1, self._could_come())} at best, the group needs {self.starts.least}."

    def _others_placed(self) -> str:
        best = self._could_come()
        alone = "nobody else waits" if best <= 1 else f"{best - 1} more {'waits' if best == 2 else 'wait'}"  # noqa: PLR2004 -- with the person, two
        return f"The others have their sessions; {alone}, and the group needs {self.starts.least}."

    def _could_come(self) -> int:
        """Give how many could come at best when the person can, the person among them; 0 where the person never can."""
        return int(self.starts.waiting.people[self.starts.own == 0].max(initial=0))

    def _best(self) -> int:
        """Give how many could come at best where too few is all that stands in the way, the person among them."""
        alone = self.fits.ways[0].bits == BIT["companions"]
        return int(self.starts.waiting.people[alone].max(initial=1))

    def _others(self, seat: Seat | None) -> str:
        best = int(self.starts.waiting.people[seat.start - self.starts.first]) if seat else self._best()
        others = "nobody else waits who could come" if best <= 1 else f"only {best - 1} more who wait could come"
        return f"{others} (the group needs {self.starts.least})"

    def too_long(self) -> str:
        """Say that an activity is longer than anybody may learn."""
        return f"{self.what} takes {hours(self.starts.length)}, more than anybody may learn in a day or a week."

    def closed(self) -> str:
        """Say why a window has no start."""
        need = self.problem.needs[self.starts.need]
        if need.earliest >= self.problem.slots:
            return "Its window begins after the planned weeks."
        if Relax("window") in self.fits.given or need.latest <= self.problem.frozen_until:
            day = say_day(self.problem, self.place, need.latest - 1)
            return f"Its window closed on {day}, before anything new may start."
        return "Its window is too short for the session."

    def _window(self) -> str:
        starts = self.starts
        first = say_day(self.problem, self.place, starts.first)
        last = say_day(self.problem, self.place, max(starts.first, starts.end - 1))
        return f"from {first} to {last}" if first != last else f"on {first}"

    def _when(self, slot: int) -> str:
        return say_slot(self.problem, self.place, slot)

    # ---- what would make it fit

    def fit(self, seat: Seat) -> str:
        """Say what would make the need fit."""
        when = self._when(seat.start)
        asked = [r for r in seat.relaxes if r.code != "window"]
        if not asked and not seat.bits and len(asked) == len(seat.relaxes):
            return f"Would fit on {when} as the plan stands."
        if not asked:
            return f"Would fit in the session of {when}." if seat.joins else f"Would fit from {when}."
        if len(asked) == 1 and asked[0].code == "companions":
            return f"Would fit with a group of {asked[0].amount} instead of {self.starts.least}, {when}."
        if len(asked) == 1 and asked[0].code == "full":
            session = session_words(self.standing, seat.session)
            return f"Would fit if {session} took {asked[0].amount} instead of {asked[0].amount - 1}."
        return f"Would fit on {when} if {listed([self._if(r, seat) for r in asked])}."

    def _if(self, relax: Relax, seat: Seat) -> str:
        name, amount = self.name, relax.amount
        if relax.gone:
            return self._elsewhere(relax, seat)
        if relax.code == "leaders_taken":
            return f"{self._leader(relax.who)} could lead {hours(amount)} more that week"
        if relax.code == "facilitator":
            return f"{self._leader(relax.who)} were at work" if relax.who else f"one more could lead {self.what}"
        if relax.code == "coverage":
            pool = self.problem.pools[self.lay.pool_at[relax.who]].label
            return f"{pool} needed {spoken(amount)} fewer"
        if relax.code == "companions":
            return f"{amount} were enough for a group"
        if relax.code == "full":
            return f"the group took {amount}"
        if relax.code == "room":
            return f"{self.place.label} had one more room, for {amount}"
        if relax.code == "spacing":
            return f"{name} needed fewer than {self._gap()} days to {self._nearest(seat.start)}"
        if relax.code == "dose":
            return (
                self._more_learning(seat.start) if relax.agent else f"everybody could learn {hours(amount)} at a time"
            )
        if relax.code == "prerequisite":
            missing = [self.problem.activities[p].label for p in self.lay.before[self.starts.need]]
            return f"{name} held {listed(missing)} by then"
        return {
            "open_day": f"that day were no holiday of {self.place.label}",
            "at_work": f"{name} were at work",
            "recovery": f"{name} needed no recovery on that day",
            "series": "the series did not keep its order, its days and its coach",
        }[relax.code]

    def _leader(self, who: str) -> str:
        return self.problem.facilitators[self.lay.fac_at[who]].label

    def _elsewhere(self, relax: Relax, seat: Seat) -> str:
        sessions = [self.standing.trial.sessions[i] for i in relax.gone]
        told = listed([session_words(self.standing, s) for s in sessions])
        if relax.put:
            return f"{told} moved to {self._when(relax.put[0].start)}"
        room = seat.session.room
        if relax.code == "rooms_taken" and room in self.lay.room_at:
            label = self.lay.rooms[self.lay.room_at[room]].label
            return f"room {label} were free ({told} {'is' if len(sessions) == 1 else 'are'} in it)"
        return f"{told} {'was' if len(sessions) == 1 else 'were'} at another time"

    def _own(self) -> list[Meeting]:
        return [m for _, _, m in self.standing.grid.of[self.starts.agent]]

    def _nearest(self, start: int) -> str:
        kind = self.lay.kind[self.starts.act]
        rows = [m for m in self._own() if m.kind == kind]
        m = min(rows, key=lambda m: abs(m.start - start))
        if m.act < 0:
            return "the session before the planned weeks"
        return session_words(self.standing, self.standing.session(m))

    def _more_learning(self, start: int) -> str:
        starts, lay, rules = self.starts, self.lay, self.problem.rules
        day = int(self.standing.day_used[starts.agent][lay.day_of[starts.site][start]]) + starts.length
        week = int(self.standing.week_used[starts.agent][start // WEEK]) + starts.length
        if day > rules.day_slots:
            return f"{self.name} could learn {hours(day)} that day"
        return f"{self.name} could learn {hours(week)} that week"
