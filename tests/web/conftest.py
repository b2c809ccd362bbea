"""Web tests sign in often: a password costs them as little as argon2 allows."""

import pytest
from argon2 import PasswordHasher

from devsys.actions import sign_in as sign_in_action


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch):
    monkeypatch.setattr(sign_in_action, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    sign_in_action._nobody.cache_clear()
    yield
    sign_in_action._nobody.cache_clear()
