"""The application with two pings beside the feeds, for measuring in a process of its own, a gunicorn."""

from pathlib import Path
from typing import Any

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import feeds
from devsys.adapters.store.store import Store
from devsys.app import create_app
from devsys.base.config import Settings
from devsys.base.ids import token_hash
from devsys.core.policy import allow
from tests import builders

TOKEN = "kq3v9x2m7r4t8w1z5c6bD-_a"


def make(home: str, url: str, port: str) -> Any:
    """Give the application over the database in `home`, at the tests' frozen moment."""
    settings = Settings(home=Path(home), database_url=url, host="127.0.0.1", port=int(port))
    parts = Parts(settings, Store(settings.url), lambda: builders.NOW)
    app = create_app(parts)

    def ping() -> str:
        return "pong"

    def look_up() -> str:
        with parts.store.glance() as db:
            feeds.poll(db, token_hash(TOKEN))
        return "pong"

    app.add_url_rule("/ping", "ping", allow("public")(ping))
    app.add_url_rule("/ping-look-up", "look_up", allow("public")(look_up))
    return app
