"""A process that others are made from, for the kill tests: it has loaded everything, so each act begins at once.

A line of JSON on standard input names what is done: a database's address, an act, and what the act is given. It is
done by a process forked off for it, which says `ready PID`, waits for a line, says `begun`, acts, and says
`done SECONDS` of the processor; what was answered on the way it says as `kept N`. When it has ended, killed or not,
`ended` is said.
"""

import json
import os
import sys
import time
import traceback
import zoneinfo
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from devsys.actions import draw_plan, erase_person, publish_plan, record_attendance
from devsys.actions.bring_up import bring_up
from devsys.actions.import_files import bring
from devsys.actions.parts import Parts
from devsys.actions.send_letters import send_letters
from devsys.adapters.store.queries import accounts, sessions
from devsys.adapters.store.schema import migrate
from devsys.adapters.store.store import Store
from devsys.base.config import Settings
from tests import builders
from tests.mail import SENDER

LATER = builders.NOW + timedelta(days=60)  # when the sessions of the attendance test have been held


def say(words: str) -> None:
    """Say a line at once; written whole, or not at all by who is killed."""
    os.write(1, f"{words}\n".encode())


def _posting(parts: Parts, port: str) -> Parts:
    """Give the parts with a mail server on loopback."""
    more = {"smtp_host": "127.0.0.1", "smtp_port": int(port), "smtp_security": "none", "mail_from": SENDER}
    return replace(parts, settings=parts.settings.model_copy(update=more))


def _mark(parts: Parts) -> None:
    """Mark who was there, session by session, as one press after the other; each is said once it is answered."""
    with parts.store.read() as db:
        viewer = accounts.viewer_of(db, builders.id_of("olivia.brandt"))
        held = sorted(sessions.published(db), key=lambda s: s.id)
    assert viewer is not None
    for number, session in enumerate(held, 1):
        marks = dict.fromkeys(session.people, number % 2 == 0)
        record_attendance.mark(replace(parts, clock=lambda: LATER), viewer, session.id, marks)
        say(f"kept {number}")


def _acts(parts: Parts, given: str) -> dict[str, Callable[[], object]]:
    return {
        "publish": lambda: publish_plan.publish(parts, given, by_id=None),
        "replan": lambda: draw_plan.carry_out(parts, draw_plan.Wish(weeks=2, rounds=1), run_id=given),
        "draw half a year": lambda: draw_plan.carry_out(parts, draw_plan.Wish(weeks=26, rounds=1), run_id=given),
        "import": lambda: bring(parts, "absences", Path(given).read_bytes(), dry_run=False, by=None),
        "attendance": lambda: _mark(parts),
        "erase": lambda: erase_person.erase(parts, builders.id_of(given), erase_person.find(parts, given).name),
        "letters": lambda: send_letters(_posting(parts, given)),
        "migrate": lambda: migrate(parts.store),
        "start": lambda: bring_up(parts),
    }


def _act(url: str, act: str, given: str) -> None:
    home = Path(url.removeprefix("sqlite:///")).parent
    parts = Parts(Settings.model_validate({"home": home, "database_url": url}), Store(url), lambda: builders.NOW)
    if act not in ("migrate", "start"):
        with parts.store.read():  # the first connection is not what is measured
            pass
    say(f"ready {os.getpid()}")
    os.read(0, 100)
    say("begun")
    before = time.process_time()
    _acts(parts, given)[act]()
    say(f"done {time.process_time() - before:.6f}")


def main() -> None:
    """Fork off what is asked for, one after the other, until the end of the input."""
    zoneinfo.reset_tzpath(to=[])
    while line := _line():
        pid = os.fork()
        if not pid:
            try:
                _act(*json.loads(line))
            except Exception:  # noqa: BLE001 -- said, and the test finds that it was not done
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(0)  # nothing of the process it was forked from is to be tidied up by it
        os.waitpid(pid, 0)
        say("ended")


def _line() -> bytes:
    """Read a line and nothing behind it, which is the fork's."""
    found = b""
    while not found.endswith(b"\n"):
        one = os.read(0, 1)
        if not one:
            return b""
        found += one
    return found


if __name__ == "__main__":
    main()
