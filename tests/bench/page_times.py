"""What pages of every role cost in one home: `python -m tests.bench.page_times HOME OUT [ROLE ...] [ADDRESS ...]`.

Somebody of each role (or of those named) asks for some addresses; without any they walk over the links of the product
from Home, a few addresses of each endpoint. Each address is asked for three times in this process. Kept are, per role
and endpoint, the processor time of the most costly address (the first time, when nothing is kept in memory, and at
best), the statements it took and the bytes of its body. Times are also given as multiples of a trivial page, so that
two homes measured after one another on a busy machine may be laid side by side: `compare SMALL LARGE`.
"""

import json
import re
import sys
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from statistics import median
from typing import Any, Final
from urllib.parse import parse_qsl, urljoin, urlsplit

from sqlalchemy import event, select

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts
from devsys.adapters.store.store import KEY_NAME, Store
from devsys.adapters.store.tables.accounts import AccountRow
from devsys.app import create_app
from devsys.base.config import Settings
from devsys.base.ids import new_token, token_hash
from devsys.core.model.access import Role

TIMES: Final = 2
LONG: Final = 30.0  # seconds: what takes longer is asked for once
EACH: Final = 2  # addresses of an endpoint that are followed, for each set of names in their query
ORDER: Final = tuple(sorted(Role, key=lambda role: (role not in (Role.COORDINATOR, Role.LEAD), role)))
TRIVIAL: Final = "/account/online"
BASE: Final = "http://127.0.0.1:8000"
LINK: Final = re.compile(r'(?:href|src|data-[a-z-]+)="(/[^"#]*)')
LEAVE: Final = frozenset({"static", "provider.begin", "provider.out", "provider.back"})


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """Collect the statements that are sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


class Walk:
    """The pages of one role."""

    def __init__(self, app: Any, parts: Parts, person_id: str) -> None:
        self._parts, self._app = parts, app
        self._urls = app.url_map.bind("127.0.0.1")
        secret = new_token()
        with parts.store.write() as db:
            accounts.open_sign_in(db, id_hash=token_hash(secret), person_id=person_id, now=parts.now(), hours=12)
        self._client = app.test_client()
        self._client.set_cookie("devsys", secret, domain="127.0.0.1")

    def endpoint(self, address: str) -> str | None:
        """Give the endpoint of an address, or nothing where there is no page."""
        try:
            name, _ = self._urls.match(urlsplit(address).path, method="GET")
        except Exception:  # noqa: BLE001 -- whatever werkzeug says, it is no page of ours
            return None
        return None if name in LEAVE else str(name)

    def get(self, address: str) -> tuple[float, int, Any]:
        """Give processor seconds, statements and the answer."""
        with statements(self._parts.store) as sent:
            start = time.process_time()
            answer = self._client.get(address, base_url=BASE)
            body = answer.get_data()
            spent = time.process_time() - start
            answer.close()
        return spent, len(sent), (answer, body)

    def pages(self, addresses: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give endpoint and cost of some addresses, or of what the links lead to from Home."""
        seen: dict[tuple[str, tuple[str, ...]], set[str]] = defaultdict(set)
        waiting = deque(addresses or ["/"])
        while waiting:
            address = waiting.popleft()
            name = self.endpoint(address)
            if name is None:
                continue
            shape = (name, tuple(sorted({k for k, _ in parse_qsl(urlsplit(address).query)})))
            if address in seen[shape] or len(seen[shape]) >= EACH:
                continue
            seen[shape].add(address)
            spent, sent, (answer, body) = self.get(address)
            if answer.location:
                waiting.append(urljoin(address, answer.location.removeprefix(BASE)))
            if answer.mimetype == "text/html" and not addresses:
                waiting.extend(unescape(one) for one in LINK.findall(body.decode("utf-8", "replace")))
            if answer.status_code == 200:
                again = min([self.get(address)[0] for _ in range(TIMES)] if spent < LONG else [spent])
                print(f"{name} {spent * 1000:.0f}, {again * 1000:.0f} ms {sent} {address}", file=sys.stderr)  # noqa: T201
                yield name, {"first": spent, "cpu": again, "statements": sent, "bytes": len(body), "address": address}


def measure(home: Path, out: Path, roles: list[Role], addresses: list[str]) -> None:
    """Write, by role and endpoint, what the most costly address met takes; after each role what is known so far."""
    settings = Settings.model_validate({"home": home})
    store = Store(settings.url, home / KEY_NAME)
    parts = Parts(settings, store)
    app = create_app(parts)
    found: dict[str, dict[str, Any]] = {}
    try:
        for role in roles:
            with store.read() as db:
                query = select(AccountRow.person_id).where(AccountRow.email == f"{role}@demo.example")
                walk = Walk(app, parts, db.scalars(query).one())
            walk.get(TRIVIAL)  # what is imported late is imported
            ping = median(walk.get(TRIVIAL)[0] for _ in range(20))
            for name, cost in walk.pages(addresses):
                key = f"{role} {name}"
                cost["pings"] = cost["cpu"] / ping
                if key not in found or cost["cpu"] > found[key]["cpu"]:
                    found[key] = cost
            out.write_text(json.dumps(found, indent=1, sort_keys=True), "utf-8")
            print(f"{role}: {sum(k.startswith(f'{role} ') for k in found)} pages", flush=True)  # noqa: T201
    finally:
        store.close()


def compare(small: Path, large: Path) -> Iterator[str]:
    """Give a line per page, the one that grew most first."""
    one, two = (json.loads(file.read_text("utf-8")) for file in (small, large))
    rows = []
    for key in sorted(one.keys() & two.keys()):
        a, b = one[key], two[key]
        rows.append((b["cpu"] / a["cpu"], key, a, b))
    for ratio, key, a, b in sorted(rows, key=lambda row: -row[0]):
        cpu = f"{a['cpu'] * 1000:7.1f} {b['cpu'] * 1000:9.1f} ms"
        first = f"at first {a['first'] * 1000:7.1f} {b['first'] * 1000:9.1f} ms"
        sent = f"statements {a['statements']:4} {b['statements']:4}"
        yield f"{ratio:6.1f} x  {key:36} {cpu}, {first}  {sent}  kB {a['bytes'] / 1000:7.1f} {b['bytes'] / 1000:8.1f}"
    for key in sorted(one.keys() ^ two.keys()):
        yield f"only in one: {key}"


def main() -> None:
    """Measure one home, or compare two measures: `compare SMALL LARGE`."""
    if sys.argv[1] == "compare":
        for line in compare(Path(sys.argv[2]), Path(sys.argv[3])):
            print(line)  # noqa: T201
        return
    home, out, *more = sys.argv[1:]
    roles = [Role(one) for one in more if not one.startswith("/")] or list(ORDER)
    measure(Path(home), Path(out), roles, [one for one in more if one.startswith("/")])


if __name__ == "__main__":
    main()
