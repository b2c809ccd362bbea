"""What publishing a little and a day of polling cost in one home: `python -m tests.bench.scale HOME [TOKENS_EACH]`.

It writes into the home: use a copy. Two sessions with about ten people are cancelled and published; everybody gets
calendar links; some of the links are polled for a day by a clock that is moved, in the mix of feeds.md. Printed is one
JSON document: statements, rows written, processor seconds, the share of 304, memory of the process.
"""

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

from sqlalchemy import event, insert, select

from devsys.actions import publish_plan
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts, plans, sessions
from devsys.adapters.store.queries.sessions import Wanted
from devsys.adapters.store.store import KEY_NAME, Store
from devsys.adapters.store.tables.feeds import FeedRow
from devsys.adapters.store.tables.people import PersonRow
from devsys.app import create_app
from devsys.base.config import Settings
from devsys.base.ids import new_id, new_token, token_hash
from devsys.core.model.calendar import Session, Status
from devsys.core.policy import allow

BASE: Final = "http://127.0.0.1:8000"
MIX: Final = (("Google", 0.45, 12.0), ("Outlook", 0.3, 3.0), ("hourly", 0.25, 1.0))  # who, of all, hours between looks
POLLED: Final = 400
PEOPLE: Final = 10


@contextmanager
def written(store: Store) -> Iterator[Counter[str]]:
    """Count statements and rows written meanwhile."""
    found: Counter[str] = Counter()

    def note(_connection: Any, cursor: Any, statement: str, *_more: Any) -> None:
        found["statements"] += 1
        if not statement.lstrip().upper().startswith(("SELECT", "WITH", "PRAGMA")):
            found["rows"] += max(0, cursor.rowcount)

    event.listen(store.engine, "after_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(store.engine, "after_cursor_execute", note)


def memory() -> int:
    """Give the resident memory of this process in MB."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096 // 1_000_000


def a_few(parts: Parts, skip: int) -> list[Session]:
    """Give sessions three weeks ahead with ten people together, other ones for another `skip`."""
    start = parts.now() + timedelta(weeks=3)
    with parts.store.read() as db:
        there = sessions.published(db, Wanted(start=start, end=start + timedelta(days=4)))
    chosen: list[Session] = []
    for one in [s for s in there if 3 <= len(s.places) <= PEOPLE and not s.series][skip::7]:
        if sum(len(s.places) for s in (*chosen, one)) <= PEOPLE:
            chosen.append(one)
    return chosen


def publish_few(parts: Parts, skip: int) -> dict[str, Any]:
    """Cancel a few sessions, publish, and give what it took."""
    off = [replace(s, status=Status.CANCELLED) for s in a_few(parts, skip)]
    with parts.store.write() as db:
        draft_id, latest = new_id(), plans.latest(db)
        assert latest is not None
        plans.new_draft(db, draft_id, horizon=latest.horizon, by_id=None, cause="a few less", now=parts.now())
        sessions.lay_into_draft(db, draft_id, off, parts.now())
    with written(parts.store) as found:
        start = time.process_time()
        publish_plan.publish(parts, draft_id, by_id=None)
        spent = time.process_time() - start
    return {"people": sum(len(s.places) for s in off), "cpu": round(spent, 3), **found}


def give_links(parts: Parts, each: int, rng: random.Random) -> list[str]:
    """Give everybody calendar links; give the tokens of some of them."""
    with parts.store.read() as db:
        people = sorted(db.scalars(select(PersonRow.id).where(PersonRow.team_id.is_not(None))))  # type: ignore[union-attr]
    tokens, now = [], parts.now()
    chosen = set(rng.sample(range(len(people) * each), min(POLLED, len(people) * each)))
    with parts.store.write() as db:
        accounts.add_accounts(db, ((p, f"{p}@demo.example", "") for p in people), now)
        rows = []
        for number, person_id in enumerate(p for p in people for _ in range(each)):
            token = new_token()
            if number in chosen:
                tokens.append(token)
            rows.append(
                {
                    "id": new_id(),
                    "kind": "person",
                    "target_id": person_id,
                    "owner_id": person_id,
                    "name": "Phone",
                    "token_hash": token_hash(token),
                    "created": now,
                    "revised": now,
                }
            )
        for first in range(0, len(rows), 5_000):
            db.execute(insert(FeedRow), rows[first : first + 5_000])
    return tokens


class Day:
    """A day of polling by a clock that is moved."""

    def __init__(self, parts: Parts, tokens: list[str], rng: random.Random) -> None:
        self.now = parts.now()
        self.parts = replace(parts, clock=self.clock)
        self.app = create_app(self.parts)
        self.app.add_url_rule("/ping", "ping", allow("public")(lambda: "pong"))
        self._client = self.app.test_client()
        every = [m for m in MIX for _ in range(round(m[1] * 100))]
        self._looks: list[tuple[datetime, str, float]] = []
        for token in tokens:
            hours = rng.choice(every)[2]
            self._looks.append((self.now + timedelta(hours=rng.uniform(0, hours)), token, hours))
        self.tags: dict[str, str] = {}
        self.spent: dict[int, list[float]] = {200: [], 304: []}
        self.later: Counter[int] = Counter()

    def clock(self) -> datetime:
        """Give the moved moment."""
        return self.now

    def get(self, path: str, tag: str = "") -> tuple[float, Any]:
        """Ask for an address, unchanged since a tag; give processor seconds and the answer."""
        headers = {"If-None-Match": tag, "Accept-Encoding": "gzip"} if tag else {"Accept-Encoding": "gzip"}
        start = time.process_time()
        answer = self._client.get(path, base_url=BASE, headers=headers)
        answer.get_data()
        return time.process_time() - start, answer

    def first(self) -> float:
        """Let every program fetch its calendar once; give the median of what that takes."""
        spent = []
        for _, token, _ in self._looks:
            cost, answer = self.get(f"/feed/{token}.ics")
            if answer.status_code != 200:  # who left has no calendar
                continue
            self.tags[token] = answer.headers["ETag"]
            spent.append(cost)
        self._looks = [one for one in self._looks if one[1] in self.tags]
        return median(spent)

    def play(self, change: Any) -> None:
        """Let a day go by; `change` is called at noon."""
        begin, changed = self.now, False
        due = sorted(
            (at + timedelta(hours=hours) * n, token)
            for at, token, hours in self._looks
            for n in range(round(24 / hours))
        )
        for at, token in due:
            if not changed and at > begin + timedelta(hours=12):
                change(self.parts)
                changed = True
            self.now = at
            cost, answer = self.get(f"/feed/{token}.ics", self.tags[token])
            self.spent[answer.status_code].append(cost)
            self.tags[token] = answer.headers["ETag"]


def main() -> None:
    """Measure one home."""
    home, each = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    settings = Settings.model_validate({"home": home})
    store = Store(settings.url, home / KEY_NAME)
    parts, rng = Parts(settings, store), random.Random(1)  # noqa: S311 -- to be repeated
    try:
        publish_few(parts, 0)  # what a process keeps is read
        small = [publish_few(parts, n) for n in (1, 2, 3)]
        tokens = give_links(parts, each, rng)
        day = Day(parts, tokens, rng)
        before = memory()
        ping = median(day.get("/ping")[0] for _ in range(200))
        first = day.first()
        fetched = memory()
        day.play(lambda at: publish_few(at, 4))
        polls = sum(len(row) for row in day.spent.values())
        print(  # noqa: T201 -- what it is for
            json.dumps(
                {
                    "publish": small,
                    "polled": len(day.tags),
                    "polls": polls,
                    "share of 304": round(len(day.spent[304]) / polls, 4),
                    "304 in pings": round(median(day.spent[304]) / ping, 2),
                    "200 in pings": round(median(day.spent[200]) / ping, 2) if day.spent[200] else 0,
                    "first fetch in pings": round(first / ping, 1),
                    "ping ms": round(ping * 1000, 2),
                    "memory MB": {"before": before, "all fetched": fetched, "after the day": memory()},
                },
                indent=1,
            )
        )
    finally:
        store.close()


if __name__ == "__main__":
    main()
