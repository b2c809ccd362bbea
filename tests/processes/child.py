"""A process for the kill tests: gets ready, says so, waits for a line, acts once, says so."""

import sys
import zoneinfo
from dataclasses import replace
from pathlib import Path

from devsys.actions import publish_plan
from devsys.actions.import_files import bring
from devsys.actions.parts import Parts
from devsys.actions.send_letters import send_letters
from devsys.adapters.store.schema import migrate
from devsys.adapters.store.store import Store
from devsys.base.config import Settings
from tests import builders
from tests.mail import SENDER


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _posting(parts: Parts, port: str) -> Parts:
    """Give the parts with a mail server on loopback."""
    more = {"smtp_host": "127.0.0.1", "smtp_port": int(port), "smtp_security": "none", "mail_from": SENDER}
    return replace(parts, settings=parts.settings.model_copy(update=more))


def main() -> None:
    zoneinfo.reset_tzpath(to=[])
    url, act, given = sys.argv[1:]
    parts = Parts(Settings.model_validate({"home": Path(), "database_url": url}), Store(url), lambda: builders.NOW)
    acts = {
        "publish": lambda: publish_plan.publish(parts, given, by_id=None),
        "import": lambda: bring(parts, "absences", Path(given).read_bytes(), dry_run=False, by=None),
        "letters": lambda: send_letters(_posting(parts, given)),
        "migrate": lambda: migrate(parts.store),
    }
    if act != "migrate":
        with parts.store.read():  # the first connection is not what is measured
            pass
    say("ready")
    sys.stdin.readline()
    acts[act]()
    say("done")


if __name__ == "__main__":
    main()
