"""Home shows each role what it needs next."""

import pytest

from devsys.core.model.access import Role


@pytest.mark.parametrize("role", list(Role))
def test_home_answers_every_role(sign_in, role):
    answer = sign_in(role).get("/")
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
