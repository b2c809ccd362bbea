"""A provider on loopback for all tests of the folder, and an installation whose people sign in by it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from devsys.adapters import provider as adapter
from devsys.base.clock import utc_now

USERS = {
    "ana": {"email": "ana.correia@northgate.example", "email_verified": True, "groups": ["boss", "leads"]},
    "ana-unverified": {"email": "ana.correia@northgate.example", "email_verified": False, "groups": []},
    "impostor": {"email": "ana.correia@northgate.example", "email_verified": True, "groups": []},
    "stranger": {"email": "stranger@northgate.example", "email_verified": True, "groups": ["boss"]},
    "coach": {
        "email": "ana.correia@northgate.example",
        "email_verified": True,
        "groups": ["boss", "CN=coaches,OU=Berlin"],
    },
    "bruno": {"email": "bruno.matos@northgate.example", "email_verified": True, "groups": []},
}
SECRET = "a-secret-of-more-than-thirty-two-letters"


class Op:
    """The provider's process."""

    def __init__(self, folder):
        (folder / "users").write_text(json.dumps({name: {"sub": name, **told} for name, told in USERS.items()}))
        command = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("op.py")), str(folder)]
        self.process = subprocess.Popen(
            [*command, "http://127.0.0.1:8000"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.issuer = self.process.stdout.readline().strip()

    def say(self, words):
        """Send a command, give what it answers."""
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def close(self):
        """End it."""
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture(scope="session")
def op(tmp_path_factory):
    made = Op(tmp_path_factory.mktemp("op"))
    yield made
    made.close()


@pytest.fixture
def provider_settings(op):
    """What a test may change before the application is made."""
    return {
        "oidc_issuer": op.issuer,
        "oidc_client_id": "devsys",
        "oidc_client_secret": SECRET,
        "oidc_words": "Sign in by Northgate",
        "oidc_roles": 'boss=administrator, leads=lead:nowhere, "CN=coaches,OU=Berlin"=coach',
    }


@pytest.fixture
def settings(settings, provider_settings):
    adapter._kept.clear()
    return settings.model_validate({**settings.model_dump(), **provider_settings})


@pytest.fixture
def clock(clock):
    """The provider's tokens are of now."""
    clock.now = utc_now().replace(microsecond=0)
    return clock
