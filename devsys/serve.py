"""`devsys run`: the web face and one worker as two processes, started together, stopped together."""

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from devsys.actions import doctor
from devsys.actions.accounts import first_run_link
from devsys.actions.age_feeds import start_feeds
from devsys.actions.bring_up import bring_up
from devsys.actions.demo import demo_accounts
from devsys.actions.machines import note_secret
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import house
from devsys.app import create_app
from devsys.base import counts
from devsys.base.config import Settings
from devsys.base.errors import InvalidError, UnavailableError
from devsys.base.files import replace_file
from devsys.faces.web.counted import FOLDER
from devsys.faces.web.headers import REQUEST
from devsys.faces.web.signin import secret_key

READY_SECONDS: Final = 60
STOP_SECONDS: Final = 15
TIMEOUT_SECONDS: Final = 60
PID_FILE: Final = "run.pid"
ADDRESS_FILE: Final = "address"  # where it was reached last; commands that print addresses read it
_SIGNALS: Final = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD})

log = logging.getLogger("devsys.run")
requests = logging.getLogger("devsys.web.requests")


class QuietLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's log without what must not stand in one: addresses of people, queries, secrets (trust.md R6, R20)."""

    def setup(self, cfg: Any) -> None:
        """Send everything through the logs of the house."""
        super().setup(cfg)
        for own in (self.error_log, self.access_log):
            own.handlers.clear()
            own.propagate = True

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:  # noqa: ARG002
        """Write one line: method, path (our logs cut its secrets), status, bytes, milliseconds."""
        path = environ.get("PATH_INFO", "")
        status = str(resp.status).split(maxsplit=1)[0]
        took = int(request_time.total_seconds() * 1000)
        method, request = environ.get("REQUEST_METHOD"), environ.get(REQUEST, "")
        facts = {"method": method, "path": path, "status": status, "bytes": resp.sent, "ms": took, "request": request}
        requests.info("%s %s %s %sB %sms", method, path, status, resp.sent, took, extra={"facts": facts})


class Web(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn over our application; each of its processes makes its own store after the fork."""

    def __init__(self, parts: Parts, *, bound: bool) -> None:
        self._parts = parts
        self._bound = bound
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn what it needs of the settings."""
        settings = self._parts.settings
        found: dict[str, object] = {
            "bind": f"{'[::1]' if settings.host == '::1' else settings.host}:{settings.port}",
            "workers": settings.web_workers,
            "threads": settings.web_threads,
            "worker_class": "gthread",
            "timeout": TIMEOUT_SECONDS,
            "graceful_timeout": STOP_SECONDS - 5,
            "keepalive": 5,
            "accesslog": "-",
            "logger_class": QuietLog,
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        if self._bound:
            found["when_ready"] = lambda _arbiter: end_with_parent()
        for name, value in found.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Make the application in one of the web processes."""
        return create_app(self._parts)


def end_with_parent() -> None:
    """End this process (by SIGTERM) when the one that started it is gone: its end of our standard input closes."""

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1):
                pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def web(parts: Parts, *, bound: bool = False) -> None:
    """Serve the web face until SIGTERM or SIGINT."""
    with contextlib.suppress(UnavailableError):  # it is for the doctor alone
        if note_secret(parts, secret_key(parts.settings.home)):
            log.warning("Forms are signed with another secret than before. On several machines it has to be the same.")
    parts.store.close()  # a connection that crossed a fork would be spoken on by several processes at once
    Web(parts, bound=bound).run()


def refuse_unsafe(parts: Parts) -> bool:
    """Say whether this is a demo; raise InvalidError naming everything that makes a start unsafe (trust.md R21)."""
    with parts.store.read() as db:
        demo = house.is_demo(db)
    faults = doctor.refusals(parts, demo=demo)
    if faults:
        raise InvalidError("devsys does not start like this:", faults)
    return demo


def run(parts: Parts, say: Callable[[str], None]) -> int:
    """Bring the schema up to date, refuse what is unsafe, serve web and worker until told to stop.

    Gives 0 after a signal, 1 when one of the two ended by itself: the other is stopped then. Raises InvalidError
    naming everything that makes a start unsafe, ConflictError for a schema newer than the program.
    """
    settings = parts.settings
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = bring_up(parts)
    if made is not None:
        log.info("The database was brought up to date; as it was before: %s", made)
    demo = refuse_unsafe(parts)
    _port_is_free(settings)
    counts.empty(settings.home / FOLDER)
    start_feeds(parts)
    link = first_run_link(parts)
    welcome = _welcome(parts, link, demo=demo)
    parts.store.close()
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # taken one by one below; the children take theirs anew
    pid_file = settings.home / PID_FILE
    replace_file(pid_file, f"{os.getpid()}\n".encode(), mode=0o600)
    replace_file(settings.home / ADDRESS_FILE, f"{settings.public_url}\n".encode(), mode=0o600)
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name in ("web", "worker"):
            command = [sys.executable, "-m", "devsys", name, "--bound"]
            if name == "web":
                command += ["--host", settings.host, "--port", str(settings.port)]
            children[name] = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 -- our own program
        ended = _until_ready(settings, children)
        if ended is None:
            for line in welcome:
                say(line)
            ended = _until_told(children)
    finally:
        _stop(children)
        pid_file.unlink(missing_ok=True)
    if ended:
        say(f"The {ended} ended by itself, so devsys stops. The lines above say why.")
        return 1
    say("devsys has stopped.")
    return 0


def _port_is_free(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise InvalidError(
                f"{settings.host}:{settings.port} cannot be used: {error.strerror}. "
                "Stop what uses it, or give another port: PORT=8001 make run, or devsys run --port 8001."
            ) from None


def _ended(children: dict[str, "subprocess.Popen[bytes]"]) -> str:
    return next((name for name, child in children.items() if child.poll() is not None), "")


def _until_ready(settings: Settings, children: dict[str, "subprocess.Popen[bytes]"]) -> str | None:
    """Wait until the web answers. Give None then; the name of a child that ended, or "" for a signal to stop."""
    deadline = monotonic() + READY_SECONDS
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 -- asked, not bound
    while monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((host, settings.port), timeout=1):
            return None
        got = signal.sigtimedwait(_SIGNALS, 0.1)
        if got is not None and got.si_signo != signal.SIGCHLD:
            return ""
        if found := _ended(children):
            return found
    raise UnavailableError(f"The web did not answer within {READY_SECONDS} seconds.")


def _until_told(children: dict[str, "subprocess.Popen[bytes]"]) -> str:
    """Wait for a signal to stop (gives "") or for a child to end (gives its name)."""
    while True:
        if found := _ended(children):
            return found
        if signal.sigwait(_SIGNALS) != signal.SIGCHLD:
            return ""


def _stop(children: dict[str, "subprocess.Popen[bytes]"]) -> None:
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = monotonic() + STOP_SECONDS
    for name, child in children.items():
        try:
            child.wait(max(0.1, deadline - monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("The %s did not stop in %s seconds and is ended.", name, STOP_SECONDS)
            child.kill()
            child.wait()
        if child.stdin is not None:
            child.stdin.close()


def _welcome(parts: Parts, link: str | None, *, demo: bool) -> tuple[str, ...]:
    at, stop = f"devsys is at {parts.settings.public_url}", "Stop with Ctrl-C."
    if demo:
        one = next(account for account in demo_accounts(parts) if account.role == "coordinator")
        return (
            f"{at}, with the demo organisation: made-up people, a year planned.",
            f"Sign in as {one.email} with the password {one.password}",
            f"All roles: devsys demo accounts. {stop}",
        )
    if link is not None:
        return (f"{at}.", f"Nobody has an account yet. Make the first one: {link}", stop)
    return (f"{at}.", stop)
