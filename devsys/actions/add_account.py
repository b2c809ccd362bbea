"""An account from the terminal: for a person of the organisation, or for somebody who is not among the people yet."""

from collections.abc import Iterable

from devsys.actions.accounts import an_email, one_time_password
from devsys.actions.parts import Parts
from devsys.actions.sign_in import hash_password
from devsys.adapters.store.queries import accounts, audit, people
from devsys.base.errors import Fault, InvalidError, NotFoundError
from devsys.base.ids import new_id
from devsys.base.text import clean
from devsys.core.model.access import Grant, Role
from devsys.core.model.people import Organisation, Person


def add_account(parts: Parts, *, email: str, name: str = "", roles: Iterable[str] = ()) -> str:
    """Make an account and give its one-time password, which must be changed after its first use.

    `roles` are words such as `coordinator`, or `lead:alfama` for a role limited to the team of that code. A person
    with this mail address gets the account; else one of this `name` is made. Raises InvalidError for an unknown
    role, NotFoundError for an unknown team or a missing name, ConflictError when there is an account already.
    """
    email = an_email(email)
    now = parts.now()
    with parts.store.read() as db:
        organisation = people.organisation(db)
    grants = tuple(_grant(word, organisation) for word in roles)
    person = next((p for p in organisation.people if p.email.lower() == email), None)
    password = one_time_password()
    hashed = hash_password(password, once=True)
    with parts.store.write() as db:
        if person is None:
            if not clean(name):
                raise NotFoundError(f"Nobody has the address {email}. Give a name as well, to add them: --name")
            code = f"office-{new_id()[:6]}"
            person = Person(new_id(), code, clean(name), email, None, None, None, now.date())
            people.write_organisation(db, people.only(people=(person,)), today=now.date())
        accounts.add_account(db, person_id=person.id, email=email, password_hash=hashed, now=now)
        accounts.add_grants(db, person.id, grants)
        audit.record(db, at=now, by_id=None, act="open account", what=f"account {person.id}")
    return password


def _grant(word: str, organisation: Organisation) -> Grant:
    role, _, team = word.partition(":")
    if role not in set(Role):
        wanted = ", ".join(Role)
        raise InvalidError(f"There is no role {role!r}.", (Fault("role", f"one of {wanted}"),))
    if not team:
        return Grant(Role(role))
    found = next((t for t in organisation.teams if t.code == team), None)
    if found is None:
        raise NotFoundError(f"There is no team with the code {team!r}.")
    return Grant(Role(role), found.id)
