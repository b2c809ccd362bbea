"""The doctor's checks outside the database: program, interpreter, folder, secrets, disk, network, provider."""

import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from devsys.actions.examined import MIB, Check
from devsys.adapters import provider
from devsys.base import written
from devsys.base.config import Settings
from devsys.base.errors import InvalidError, UnavailableError
from devsys.base.words import phrase, phrases

LEAST_DISK: Final = 200 * MIB
LITTLE_DISK: Final = 1024 * MIB
SECRET_LETTERS: Final = 32
TOKEN_LETTERS: Final = 20
OTHERS: Final = 0o077  # the rights of everybody but the owner
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def outside(settings: Settings) -> Iterator[Check]:
    """Look at all of it, in a fixed order."""
    yield Check(
        "version",
        "fine",
        phrase("devsys %(version)s on Python %(python)s.", version=_version("devsys"), python=sys.version.split()[0]),
    )
    yield interpreter()
    yield Check(
        "zone data", "fine", phrase("tzdata %(version)s; the same on every machine.", version=_version("tzdata"))
    )
    yield _folder(settings)
    yield secret(settings)
    yield _disk(settings)
    yield network(settings)
    yield _metrics(settings)
    yield _provider(settings)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return phrase("(not installed as a package)")


def interpreter() -> Check:
    """Look whether Python keeps the assertions that guard promises."""
    if sys.flags.optimize:
        todo = phrase("Start Python without -O and without PYTHONOPTIMIZE.")
        return Check("interpreter", "broken", phrase("Python runs with -O, which takes guards away."), todo)
    return Check("interpreter", "fine", phrase("Python keeps its guards."))


def _folder(settings: Settings) -> Check:
    if not settings.home.is_dir():
        return Check(
            "folder", "warning", phrase("%(home)s is not there yet.", home=settings.home), phrase("Run: devsys migrate")
        )
    open_ones = [p.name for p in (settings.home, *settings.home.iterdir()) if p.is_file() and _others_may(p)]
    if open_ones:
        names = ", ".join(sorted(open_ones)[:3])
        return Check(
            "folder",
            "warning",
            phrase("Others may read %(names)s.", names=names),
            phrase("Run: chmod -R go= %(home)s", home=settings.home),
        )
    return Check("folder", "fine", phrase("%(home)s is closed to others.", home=settings.home))


def _others_may(path: Path) -> bool:
    return bool(path.stat().st_mode & OTHERS)


def secret(settings: Settings) -> Check:
    """Look whether the secret of cookies and links is there, long, and its owner's alone."""
    path = settings.home / "secret"
    if not path.exists():
        return Check("secret", "fine", phrase("It is made at the first start."))
    if _others_may(path):
        return Check(
            "secret",
            "broken",
            phrase("Others may read the secret that signs forms."),
            phrase("Run: chmod 600 %(path)s", path=path),
        )
    if len(path.read_text("ascii", errors="replace").strip()) < SECRET_LETTERS:
        todo = phrase("Delete %(path)s and start devsys: a new one is made, people sign in again.", path=path)
        return Check("secret", "broken", phrase("The secret that signs forms is too short."), todo)
    return Check("secret", "fine", phrase("It is long and closed to others."))


def _disk(settings: Settings) -> Check:
    place = settings.home if settings.home.is_dir() else Path()
    free = shutil.disk_usage(place).free
    says = phrase("%(size)s MiB are free.", size=written.number(free // MIB))
    if free < LITTLE_DISK:
        return Check("disk", "broken" if free < LEAST_DISK else "warning", says, phrase("Free some space."))
    return Check("disk", "fine", says)


def network(settings: Settings) -> Check:
    """Look whether pages are served by TLS where others reach them."""
    url = urlsplit(settings.public_url)
    if settings.host in LOOPBACK and settings.base_url and url.scheme != "https" and url.hostname not in LOOPBACK:
        todo = phrase("Set DEVSYS_BASE_URL to the https:// address that people use: links and cookies go by it.")
        return Check(
            "network",
            "warning",
            phrase("People would come by %(public_url)s, without HTTPS.", public_url=settings.public_url),
            todo,
        )
    if settings.host in LOOPBACK:
        return Check(
            "network",
            "fine",
            phrase("Only this machine reaches %(host)s:%(port)s.", host=settings.host, port=settings.port),
        )
    if url.scheme != "https":
        todo = phrase("Set DEVSYS_BASE_URL to the https:// address of the proxy in front, or DEVSYS_HOST to 127.0.0.1.")
        return Check("network", "broken", phrase("%(host)s is open to others without HTTPS.", host=settings.host), todo)
    return Check("network", "fine", phrase("People come by %(public_url)s.", public_url=settings.public_url))


def _metrics(settings: Settings) -> Check:
    token = settings.metrics_token.get_secret_value()
    if token and len(token) < TOKEN_LETTERS:
        todo = phrase("Set DEVSYS_METRICS_TOKEN to a long random word: openssl rand -hex 24")
        return Check("metrics", "warning", phrase("The token of /metrics is short enough to be guessed."), todo)
    return Check(
        "metrics", "fine", phrase("They are given out with a token.") if token else phrase("None are given out.")
    )


def provider_secret(settings: Settings) -> Check:
    """Look at the secret devsys has at the provider: a start without it would end at the first who signs in."""
    try:
        found = not provider.is_set(settings) or provider.secret_of(settings)
    except UnavailableError as error:
        todo = phrase("Let the user devsys runs as read it: one line, the secret as the provider gave it.")
        return Check("provider", "broken", error.message, todo)
    says = phrase("The secret is there.") if found else phrase("devsys has no secret at the provider: a public client.")
    return Check("provider", "fine", says)


def _provider(settings: Settings) -> Check:
    """Ask the provider people sign in by what it says of itself, and for its keys: two questions of 5 s at most."""
    if not provider.is_set(settings):
        return Check("provider", "fine", phrase("People sign in here: no provider is set."))
    secret = provider_secret(settings)
    if secret.state != "fine":
        return secret
    if words := provider.missing():
        return Check("provider", "broken", words.partition(":")[0] + ".", phrase("Run: pip install 'devsys[oidc]'"))
    todo = phrase(
        "Look at %(address)s from this machine; DEVSYS_OIDC_ISSUER is what it calls itself.",
        address=provider.at_home(settings),
    )
    try:
        number = provider.look(settings)
    except (UnavailableError, InvalidError) as error:
        return Check("provider", "broken", error.message, todo)
    if not number:
        return Check("provider", "broken", phrase("The provider has no key that could sign who somebody is."), todo)
    return Check(
        "provider",
        "fine",
        phrases(
            "%(issuer)s answers, with %(num)s key. %(secret)s",
            "%(issuer)s answers, with %(num)s keys. %(secret)s",
            number,
            issuer=settings.oidc_issuer,
            secret=secret.says,
        ),
    )


def demo(settings: Settings, *, demo: bool) -> Check:
    """Look whether demo accounts, whose passwords are known, would be open to others."""
    if not demo:
        return Check("demo", "fine", phrase("No demo accounts: this is no demo database."))
    if settings.host not in LOOPBACK:
        todo = phrase("Set DEVSYS_HOST to 127.0.0.1, or DEVSYS_HOME to a folder of your own organisation.")
        return Check("demo", "broken", phrase("Demo accounts would be open to others."), todo)
    return Check("demo", "fine", phrase("A demo database with demo accounts, on this machine only."))
