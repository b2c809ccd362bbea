"""The command line: light to import, plain in its words, never a traceback."""

import json
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from devsys import cli
from devsys.actions.api_tokens import let_in
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import accounts, house, people
from devsys.adapters.store.sealed import seal
from devsys.adapters.store.store import KEY_NAME, Store
from devsys.base.clock import utc_now
from devsys.base.config import Settings
from devsys.core.model.access import Role
from devsys.core.planning.exchange import write_problem, write_sessions
from tests import builders
from tests.busy.calendars import a_calendar, an_event
from tests.planning import builders as planning_builders


@dataclass(frozen=True)
class Said:
    """What a command gave: its exit code and both outputs."""

    code: int
    out: str
    err: str


Call = Callable[..., Said]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEVSYS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def call(home: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """Give a function that calls the command line in this process over an SQLite database of the test's own."""
    mask = os.umask(0o077)
    os.umask(mask)
    root, own = logging.getLogger(), logging.getLogger("devsys")
    heard = (root.level, list(root.handlers), own.level)  # a command may send logs to the output of this test

    def do(*words: object) -> Said:
        with pytest.raises(SystemExit) as ended:
            cli.main([str(word) for word in words])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Said(int(ended.value.code or 0), said.out, said.err)

    assert home
    yield do
    os.umask(mask)
    root.setLevel(heard[0])
    root.handlers[:] = heard[1]
    own.setLevel(heard[2])


@pytest.fixture
def settled(home: Path, migrated: Path) -> Iterator[Store]:
    """Northgate in the database that the commands see."""
    home.mkdir()
    shutil.copyfile(migrated, home / "devsys.db")
    store = Store(f"sqlite:///{home / 'devsys.db'}")
    builders.settle(store)
    yield store
    store.close()


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    heavy = ("ortools", "numpy", "alembic", "flask", "sqlalchemy", "sqlmodel", "gunicorn", "icalendar", "holidays")
    code = f"import sys, devsys.cli; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", sorted(cli.devsys.commands))
def test_every_command_explains_itself(name: str, call: Call) -> None:
    said = call(name, "--help")
    assert said.code == 0
    assert said.out.startswith("Usage: devsys ")


def test_the_version_is_said(call: Call) -> None:
    assert call("--version").out.startswith("devsys ")


@pytest.mark.parametrize("words", [("nonsense",), ("plan", "--weeks", "0"), ("import",), ("run", "--port", "70000")])
def test_a_call_that_cannot_be_is_2(words: tuple[str, ...], call: Call) -> None:
    assert call(*words).code == 2


def test_a_wrong_setting_is_named(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVSYS_PORT", "seventy")
    said = call("kinds")
    assert (said.code, said.out) == (1, "")
    assert "DEVSYS_PORT" in said.err


def test_the_templates_of_all_kinds_can_be_brought_in_order_and_twice(call: Call, tmp_path: Path) -> None:
    kinds = [line.split()[0] for line in call("kinds").out.splitlines()]
    assert kinds[0] == "sites"
    for kind in kinds:
        file = tmp_path / f"{kind}.csv"
        file.write_text(call("kinds", kind, "--template").out, "utf-8")
        assert call("import", kind, file, "--dry-run").code == 0
        first = call("import", kind, file)
        assert (first.code, first.out.startswith(f"{kind}: ")) == (0, True)
        again = call("import", kind, file)
        assert again.out.startswith(f"{kind}: 0 new, 0 changed, ")


def test_a_dry_run_writes_nothing(call: Call, settled: Store, tmp_path: Path) -> None:
    file = tmp_path / "rooms.csv"
    file.write_text("code,name,site,seats\nalto,Alto,lisbon,9\n", "utf-8")
    said = call("import", "rooms", file, "--dry-run")
    assert (said.code, said.out) == (0, "rooms: 1 new, 0 changed, 0 same. Dry run: nothing was written.\n")
    with settled.read() as db:
        assert "alto" not in {r.code for r in people.organisation(db).rooms}


def test_a_refused_row_is_named_and_nothing_is_written(call: Call, settled: Store, tmp_path: Path) -> None:
    file = tmp_path / "rooms.csv"
    file.write_text("code,name,site,seats\nalto,Alto,lisbon,9\nbaixo,Baixo,porto,4\n", "utf-8")
    said = call("import", "rooms", file)
    assert said.code == 1
    assert said.out == "rooms: 1 new, 0 changed, 0 same, 1 row refused. Nothing was written.\n"
    assert "row 3, column site" in said.err
    assert "porto" in said.err
    with settled.read() as db:
        assert "alto" not in {r.code for r in people.organisation(db).rooms}


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"PK\x03\x04workbook", "workbook"),
        ("code;name;site;seats\nalto;Alto;lisbon;9\n".encode("utf-16"), "UTF-16"),
        (b"code;name;site;seats\nalto;Alto;lisbon;9\n", "semicolons"),
        (b"\xff\xfa\x00", "not text"),
        (b"", "empty"),
    ],
)
def test_a_file_of_the_wrong_sort_is_said_first(data: bytes, word: str, call: Call, tmp_path: Path) -> None:
    file = tmp_path / "rooms.csv"
    file.write_bytes(data)
    said = call("import", "rooms", file)
    assert said.code == 1
    assert word in said.err


def test_a_file_that_is_not_there_is_said(call: Call, tmp_path: Path) -> None:
    said = call("import", "rooms", tmp_path / "rooms.csv")
    assert (said.code, said.err.endswith("cannot be read: No such file or directory.\n")) == (1, True)


def test_what_was_brought_goes_out_as_it_came(call: Call, settled: Store, tmp_path: Path) -> None:
    out = tmp_path / "people.csv"
    assert call("export", "people", "--out", out).code == 0
    assert call("import", "people", out).out == "people: 0 new, 0 changed, 23 same.\n"
    assert settled.file


def test_the_shipped_programmes_have_no_fault_and_adopting_twice_changes_nothing(call: Call) -> None:
    checked = call("check-schedules")
    assert (checked.code, checked.out.endswith(", 0 faults.\n")) == (0, True)
    first = call("adopt").out.splitlines()
    second = call("adopt").out.splitlines()
    assert {line.split()[0] for line in first} == {"adopted"}
    assert {line.split()[0] for line in second} == {"same"}


def test_a_fault_in_a_programme_is_named_with_file_and_line(call: Call, tmp_path: Path) -> None:
    from devsys.base.resources import folder

    text = (folder("schedules") / "digital.yaml").read_text("utf-8")
    (tmp_path / "own.yaml").write_text(text.replace("kind: digital", "kind: analogue", 1), "utf-8")
    said = call("check-schedules", tmp_path)
    assert said.code == 1
    line = text[: text.index("kind: digital")].count("\n") + 1
    assert f"own.yaml:{line}" in said.err


def test_more_demand_than_hours_is_said_when_the_hours_are_given(call: Call) -> None:
    said = call("check-schedules", "--people", "300", "--spare-hours", "200")
    assert said.code == 1
    assert "the queues can spare 200 hours" in said.err
    assert call("check-schedules", "--people", "300", "--spare-hours", "2000").code == 0
    assert "Give both" in call("check-schedules", "--people", "300").err


def test_an_empty_folder_of_programmes_is_said(call: Call, tmp_path: Path) -> None:
    assert call("check-schedules", tmp_path).code == 1


def test_planning_with_nobody_is_refused_in_words(call: Call) -> None:
    said = call("plan")
    assert (said.code, said.out) == (1, "")
    assert "nobody to plan for" in said.err


def test_publishing_without_a_draft_is_refused_in_words(call: Call) -> None:
    said = call("publish")
    assert (said.code, "devsys plan" in said.err) == (1, True)


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '{"weeks": "many"}', "\x00"])
def test_a_file_that_is_no_instance_is_refused_in_words(text: str, call: Call, tmp_path: Path) -> None:
    file = tmp_path / "instance.json"
    file.write_text(text, "utf-8")
    said = call("plan-file", file, "--out", tmp_path / "plan.json")
    assert (said.code, said.out) == (1, "")
    assert not (tmp_path / "plan.json").exists()


def test_a_plan_is_drawn_published_and_an_empty_one_changes_nothing(call: Call, settled: Store) -> None:
    assert call("adopt", "case_rounds").code == 0
    drawn = call("plan", "--weeks", "4", "--cause", "first plan")
    assert drawn.code == 0
    assert " needs placed, " in drawn.out
    assert re.search(r"At most \d+ more could be on time\.|No plan has more on time: proved\.", drawn.out)
    assert "Every person has at least " in drawn.out
    assert " seats above an even share" in drawn.out
    assert "placed" in drawn.err  # how far it was, stage by stage
    draft_id = drawn.out.split("Draft ")[1].split(":")[0]
    assert call("drafts").out.startswith(draft_id)
    published = call("publish", draft_id)
    assert (published.code, published.out.startswith("Version 1 is published: ")) == (0, True)
    assert call("drafts").out == ""
    again = call("plan", "--weeks", "4")
    assert "0 new, 0 changed, 0 cancelled" in again.out
    assert call("publish").out == "Nothing changed: version 1 stands. Nobody is told.\n"
    assert settled.file


def test_what_if_shows_both_plans_and_publishes_neither(call: Call, settled: Store) -> None:
    assert settled
    call("adopt", "case_rounds")
    said = call("what-if", "--weeks", 4, "--room-fewer", "mewa", "--calls", 5, "--least", "case_round", 2)
    assert said.code == 0, said.err
    assert said.out.startswith("one room fewer (Mewa), 5 % more calls, groups of 2 instead of 3 for Case round")
    lines = {line[2:18].strip(): line[18:].split() for line in said.out.splitlines() if line.startswith("  ")}
    assert lines["needs"][2] == "+0"
    assert {len(figures) for figures in lines.values()} == {3}
    assert call("publish").code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Nothing is supposed"),
        (("--room-fewer", "nowhere"), "There is no room 'nowhere'. Known: himal, mewa, tejo."),
        (("--facilitator-more", "ana.correia"), "There is no facilitator 'ana.correia'. Known:"),
        (("--calls", 500), "a whole number from -50 to 100"),
        (("--least", "case_round", 9), "suppose a smaller one"),
    ],
)
def test_what_cannot_be_supposed_is_said(words: tuple[object, ...], said: str, call: Call, settled: Store) -> None:
    assert settled
    call("adopt", "case_rounds")
    answer = call("what-if", "--weeks", 4, *words)
    assert answer.code == 1
    assert said in answer.err


def test_the_live_organisation_goes_out_as_an_instance_that_can_be_planned(
    call: Call, settled: Store, tmp_path: Path
) -> None:
    assert call("adopt", "case_rounds").code == 0
    instance, plan = tmp_path / "instance.json", tmp_path / "plan.json"
    assert call("export-instance", "--out", instance, "--weeks", "6").code == 0
    text = instance.read_text("utf-8")
    assert not [p.name for p in builders.an_organisation().people if p.name in text]
    assert call("plan-file", instance, "--out", plan, "--seed", "3", "--workers", "2").code == 0
    first = plan.read_bytes()
    assert json.loads(first)["sessions"]
    assert call("plan-file", instance, "--out", plan, "--seed", "3").code == 0
    assert plan.read_bytes() == first
    assert settled.file


def repaired(call: Call, tmp_path: Path, change: str, plan: str | None = None) -> Said:
    """Give what replan-file says about the plan of a small instance after a change."""
    problem = planning_builders.a_problem([planning_builders.a_need(f"p{i}") for i in range(3)])
    files = {
        "instance.json": json.dumps(write_problem(problem)),
        "plan.json": plan or json.dumps(write_sessions([planning_builders.a_session(att=(0, 1, 2))])),
        "change.json": change,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    return call("replan-file", *(tmp_path / name for name in files), "--out", tmp_path / "new.json")


def test_a_plan_is_repaired_after_a_change_and_says_so_in_words(call: Call, tmp_path: Path) -> None:
    said = repaired(call, tmp_path, '{"now": 0, "absent": [{"who": "p0", "from": 0, "to": 48}]}')
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "1 person moves, without a place for now; no plan moves fewer.",
        (
            "0 sessions moved, 0 led by somebody else, 0 off, 0 new. "
            "Needs that lost their time: 1, of them 0 placed again, 1 owed."
        ),
    ]
    assert [s["att"] for s in json.loads((tmp_path / "new.json").read_bytes())["sessions"]] == [[1, 2]]


@pytest.mark.parametrize(
    ("change", "plan", "named"),
    [
        ("", None, "change.json is no JSON"),
        ("[]", None, "change.json is no change: an object is wanted."),
        ("{}", None, "now: a whole number is wanted, not nothing"),
        (
            '{"now": 0, "absent": [{"who": "x", "from": 0}]}',
            None,
            "absent[0].who: there is no agent or facilitator 'x'",
        ),
        ('{"now": 0}', "[]", "plan.json is no plan: an object is wanted."),
        ('{"now": 0}', "{}", "sessions: a list is wanted, not nothing"),
    ],
)
def test_a_wrong_change_or_plan_is_refused_in_words(
    change: str, plan: str | None, named: str, call: Call, tmp_path: Path
) -> None:
    said = repaired(call, tmp_path, change, plan)
    assert (said.code, said.out) == (1, "")
    assert named in said.err
    assert not (tmp_path / "new.json").exists()


def test_an_account_is_made_with_a_password_for_once(call: Call, settled: Store) -> None:
    said = call("accounts", "add", "Bruno.Matos@northgate.example", "--role", "lead:belem", "--role", "coach")
    assert said.code == 0
    with settled.read() as db:
        account = accounts.account(db, builders.id_of("bruno.matos"))
        grants = accounts.grants(db, builders.id_of("bruno.matos"))
    assert account is not None
    assert (account.email, account.once) == ("bruno.matos@northgate.example", True)
    assert {(g.role, g.team_id) for g in grants} == {(Role.LEAD, builders.id_of("belem")), (Role.COACH, None)}
    again = call("accounts", "add", "bruno.matos@northgate.example")
    assert again.code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nobody@northgate.example",), "--name"),
        (("no address",), "mail address"),
        (("ana.correia@northgate.example", "--role", "queen"), "coordinator"),
        (("ana.correia@northgate.example", "--role", "lead:nowhere"), "nowhere"),
    ],
)
def test_an_account_that_cannot_be_is_said(words: tuple[str, ...], said: str, call: Call, settled: Store) -> None:
    found = call("accounts", "add", *words)
    assert (found.code, said in found.err) == (1, True)
    assert settled.file


def test_a_link_is_made_listed_and_revoked(call: Call, settled: Store) -> None:
    email = "ana.correia@northgate.example"
    made = call("feed", "new", email, "--name", "Ana, phone")
    assert made.out.startswith("http://127.0.0.1:8000/feed/")
    listed = call("feed", "list", email).out
    assert "Ana, phone, not fetched yet" in listed
    feed_id = listed.split()[0]
    assert call("feed", "revoke", email, feed_id).code == 0
    assert call("feed", "list", email).out == ""
    assert settled.file


def test_a_token_is_made_listed_and_ended(home: Path, call: Call, settled: Store) -> None:
    email = "ana.correia@northgate.example"
    made = call("token", "make", email, "--name", "Payroll", "--scope", "people:read", "--days", "30")
    secret = made.out.strip()
    assert re.fullmatch(r"devsys_[\w-]{32}", secret)
    listed = call("token", "list", email).out
    assert "Payroll, people:read, never used, ends on" in listed
    assert secret not in listed
    parts = Parts(Settings(home=home), settled, utc_now)
    found = let_in(parts, secret)
    assert found is not None
    assert found.scopes == {"people:read"}
    again = call("token", "make", email, "--name", "payroll", "--scope", "people:read")
    assert (again.code, "another name" in again.err) == (1, True)
    token_id = listed.split()[0]
    assert call("token", "revoke", "kofi.mensah@northgate.example", token_id).code == 1
    assert call("token", "revoke", email, token_id).code == 0
    assert call("token", "list", email).out == ""
    assert let_in(parts, secret) is None


def test_a_token_of_an_integration_is_an_administrators(call: Call, settled: Store) -> None:
    words = ("--name", "Payroll", "--scope", "people:read", "--integration")
    refused = call("token", "make", "ana.correia@northgate.example", *words)
    assert (refused.code, refused.out) == (1, "")
    boss = "rui.carvalho@northgate.example"
    assert call("token", "make", boss, *words).code == 0
    assert call("token", "list", boss).out == ""
    token_id = call("token", "list", boss, "--integration").out.split()[0]
    assert call("token", "revoke", boss, token_id).code == 1
    assert call("token", "revoke", boss, token_id, "--integration").code == 0
    assert call("token", "make", boss, "--name", "x", "--scope", "everything").code == 2
    assert call("token", "make", boss, "--name", " ", "--scope", "people:read").code == 1
    assert settled.file


def test_a_backup_and_its_restore_give_the_same_digest(call: Call, settled: Store, tmp_path: Path) -> None:
    settled.close()
    before = call("digest").out
    assert len(before) == 65
    copied = call("backup", tmp_path / "copy.db")
    assert copied.out.endswith(before)
    assert call("accounts", "add", "kofi.mensah@northgate.example").code == 0
    assert call("digest").out != before
    assert call("restore", tmp_path / "copy.db").code == 0
    assert call("digest").out == before
    assert call("restore", tmp_path / "other.db").code == 1


def test_demo_accounts_never_exist_outside_the_demo_database(call: Call, settled: Store) -> None:
    for words in (("accounts", "--json"), ("feeds", "--json")):
        said = call("demo", *words)
        assert (said.code, said.out) == (1, "")
    refused = call("demo")
    assert (refused.code, "already" in refused.err) == (1, True)
    assert call("demo", "--if-empty").code == 0
    with settled.read() as db:
        assert not house.is_demo(db)


def test_routes_are_listed_with_what_they_ask_for(call: Call) -> None:
    lines = [line.split() for line in call("routes").out.splitlines()]
    assert lines == sorted(lines, key=lambda words: (words[1], words[0]))
    assert all(len(words) == 4 and (words[3] == "public" or ":" in words[3]) for words in lines)
    assert ["GET", "/sign-in", "signin.show", "public"] in lines


class TestDoctor:
    """Each check is broken on purpose somewhere; fine is 0, warnings are 1, broken is 2."""

    def _state(self, call: Call, name: str) -> str:
        said = call("doctor", "--json")
        found = json.loads(said.out)
        assert said.code == ("fine", "warning", "broken").index(found["state"])
        return str(next(c["state"] for c in found["checks"] if c["name"] == name))

    def test_before_the_first_start_it_says_what_to_do(self, call: Call, home: Path) -> None:
        said = call("doctor")
        assert (said.code, "devsys migrate" in said.out) == (1, True)
        assert not (home / "devsys.db").exists()

    def test_a_fresh_database_lacks_only_its_worker_and_a_backup(self, call: Call, tmp_path: Path) -> None:
        call("migrate")
        checks = json.loads(call("doctor", "--json").out)["checks"]
        assert [c["name"] for c in checks if c["state"] != "fine"] == ["backup", "worker"]
        assert call("backup", tmp_path / "copy.db").code == 0
        assert self._state(call, "backup") == "fine"

    def test_what_others_may_read_is_named(self, call: Call, home: Path) -> None:
        call("migrate")
        (home / "secret").write_text("a" * 64, "ascii")
        (home / "secret").chmod(0o644)
        assert self._state(call, "secret") == "broken"
        assert self._state(call, "folder") == "warning"
        (home / "secret").chmod(0o600)
        assert self._state(call, "secret") == "fine"

    def test_a_short_secret_is_broken(self, call: Call, home: Path) -> None:
        call("migrate")
        (home / "secret").write_text("short", "ascii")
        (home / "secret").chmod(0o600)
        assert self._state(call, "secret") == "broken"

    def test_a_key_that_is_gone_or_open_to_others_is_broken(self, call: Call, home: Path) -> None:
        call("migrate")
        assert self._state(call, "key") == "fine"
        store = Store(f"sqlite:///{home / 'devsys.db'}", home / KEY_NAME)
        with store.write() as db:
            seal(db, "trial", "text", "a", "for two people only")
        store.close()
        assert self._state(call, "key") == "fine"
        (home / KEY_NAME).chmod(0o644)
        assert self._state(call, "key") == "broken"
        (home / KEY_NAME).unlink()
        assert self._state(call, "key") == "broken"

    def test_open_to_others_without_https_is_broken(self, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
        call("migrate")
        monkeypatch.setenv("DEVSYS_HOST", "0.0.0.0")  # noqa: S104 -- it must be refused
        assert self._state(call, "network") == "broken"
        monkeypatch.setenv("DEVSYS_BASE_URL", "https://devsys.northgate.example")
        assert self._state(call, "network") == "fine"

    def test_a_damaged_file_is_broken_and_no_error(self, call: Call, home: Path) -> None:
        call("migrate")
        (home / "devsys.db").write_bytes(b"not a database at all" * 500)
        assert self._state(call, "database") == "broken"

    def test_another_step_is_named(self, call: Call, settled: Store) -> None:
        from sqlalchemy import text

        for step, state in (("0000", "warning"), ("9999", "broken")):
            with settled.write() as db:
                db.execute(text(f"UPDATE alembic_version SET version_num = '{step}'"))
            assert self._state(call, "schema") == state
            assert call("drafts").code == 1

    def test_a_failed_run_is_a_warning(self, call: Call, settled: Store) -> None:
        from devsys.adapters.store.queries import runs
        from devsys.base.clock import utc_now

        with settled.write() as db:
            runs.note_worker(db, utc_now())
            run_id = runs.ask(db, "draw plan", period="asked-1", now=utc_now())
            runs.take(db, utc_now())
            runs.fail(db, run_id, utc_now(), "There is nobody to plan for yet.")
        assert self._state(call, "worker") == "fine"
        assert self._state(call, "runs") == "warning"

    def test_guards_taken_away_are_broken(self, home: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-O", "-m", "devsys", "doctor"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert "BROKEN  interpreter" in done.stdout
        assert home


def test_a_start_that_is_not_safe_is_refused_with_every_reason(
    call: Call, settled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with settled.write() as db:
        house.set_fact(db, house.DEMO, "1")
    monkeypatch.setenv("DEVSYS_HOST", "0.0.0.0")  # noqa: S104 -- it must be refused
    said = call("run")
    assert (said.code, said.out) == (1, "")
    assert "network:" in said.err
    assert "demo:" in said.err


def test_settings_come_from_variables_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVSYS_FREEZE_DAYS", "21")
    found = Settings.model_validate({})
    assert (found.home, found.freeze_days, found.url) == (home, 21, f"sqlite:///{home / 'devsys.db'}")
    assert Parts(found, Store("sqlite://")).settings.public_url == "http://127.0.0.1:8000"


def test_why_says_here_there_and_owed(call: Call, settled: Store) -> None:
    assert settled
    call("adopt")
    call("plan", "--weeks", "8")
    call("publish", "--cause", "first plan")
    person = call("why", "Ana Correia")
    assert person.code == 0
    assert person.out.startswith("Ana Correia\n")
    line = next(line for line in person.out.splitlines() if "Europe/Lisbon" in line)
    session, words = line.split()[-1], " ".join(line.split(", ")[1].split()[1:])
    day = datetime.strptime(words, "%d %B %Y").replace(tzinfo=UTC).date()
    here = call("why", session)
    assert (here.code, here.err) == (0, "")
    assert "Here: " in here.out
    assert "at which everybody is at work" in here.out
    night = call("why", session, "--at", f"{day} 03:00")
    assert f"{day:%a} {day.day} {day:%B} {day.year}, 03:00 (Europe/Lisbon):" in night.out
    assert "not at work for all of it" in night.out
    # In Kathmandu sessions begin at a quarter past: a time off its half hours is refused in words.
    for name, time in (
        ("gurung", "03:15"),
        ("thapa", "03:15"),
        ("reis", "03:00"),
        ("vaz", "03:00"),
        ("pires", "03:00"),
    ):
        owing = call("why", name).out
        if key := re.search(r" is owed, due by \d\d \w+ \d{4}: (\S+)", owing):
            need = call("why", key[1], "--at", f"{day} {time}")
            assert need.code == 0
            assert f"Not {day:%a} {day.day} {day:%B} {day.year}, {time}" in need.out
            break
    else:
        pytest.fail("nothing is owed to anybody")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("why", "Zaphod"), "Nothing is known by 'Zaphod'."),
        (("why", "an"), "Several people are meant by 'an'"),
        (("why", "ana.correia", "--draft", "none"), "There is no such draft."),
    ],
)
def test_what_why_cannot_answer_is_said(words: tuple[str, ...], said: str, call: Call, settled: Store) -> None:
    assert settled
    found = call(*words)
    assert (found.code, found.out) == (1, "")
    assert found.err.startswith(said)


def test_a_time_that_why_cannot_read_is_a_wrong_call(call: Call) -> None:
    assert call("why", "ana.correia", "--at", "tomorrow").code == 2


def test_spc_labels_a_file_without_a_database(call: Call, home: Path, tmp_path: Path) -> None:
    file, out = tmp_path / "series.csv", tmp_path / "labels.csv"
    file.write_text("case,date,y\n" + "".join(f"a,2026-01-0{day},{day}\n" for day in range(1, 8)), "utf-8")
    said = call("spc", file, "--out", out)
    assert (said.code, said.out) == (0, "7 points of 1 series labelled.\n")
    labels = [line.split(",")[-2] for line in out.read_text("utf-8").splitlines()[1:]]
    assert labels == ["Below LCL", *["7 Point Trend (Increasing)"] * 5, "Above UCL"]
    assert call("spc", file).out.splitlines() == out.read_text("utf-8").splitlines()
    assert not home.exists()


def test_spc_refuses_with_line_and_column_and_writes_nothing(call: Call, tmp_path: Path) -> None:
    file, out = tmp_path / "series.csv", tmp_path / "labels.csv"
    file.write_text("case,date,y\na,2026-01-01,one\n", "utf-8")
    said = call("spc", file, "--out", out)
    assert said.code == 1
    assert "line 2, column y: a number" in said.err
    assert not out.exists()
    assert call("spc", tmp_path / "none.csv").code == 1


def test_busy_prints_merged_periods_in_utc(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "own.ics"
    file.write_bytes(
        a_calendar(
            an_event(
                "DTSTART;TZID=W. Europe Standard Time:20260105T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2"
            ),
            an_event("DTSTART:20260105T093000", "DTEND:20260105T113000", uid="two"),
            an_event("DTSTART;TZID=Atlantis:20260107T093000", "DURATION:PT1H", uid="three"),
        )
    )
    said = call("busy", file, "--from", "2026-01-05", "--to", "2026-01-07T10:00", "--zone", "Europe/Berlin")
    assert said.code == 0
    assert json.loads(said.out) == [
        {"start": "2026-01-05T08:00:00Z", "end": "2026-01-05T10:30:00Z"},
        {"start": "2026-01-06T08:00:00Z", "end": "2026-01-06T09:00:00Z"},
        {"start": "2026-01-07T08:30:00Z", "end": "2026-01-07T09:00:00Z"},
    ]
    assert "'Atlantis'" in said.err


def test_busy_refuses_with_a_reason(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "own.ics"
    asked = ("--from", "2026-01-05", "--to", "2026-01-07")
    file.write_bytes(a_calendar(an_event("DTSTART:20260105T080000Z", "DURATION:PT1H", "RRULE:FREQ=SECONDLY")))
    said = call("busy", file, *asked)
    assert said.code == 1
    assert "line 10" in said.err
    assert call("busy", tmp_path / "none.ics", *asked).code == 1
    assert call("busy", file, *asked, "--zone", "Mars/Olympus").code == 1
    assert "--from" in call("busy", file, "--from", "yesterday", "--to", "2026-01-07").err
    file.write_bytes(b"")
    assert "holds no calendar" in call("busy", file, *asked).err


def test_readings_come_by_a_mapping_and_the_same_file_changes_nothing(call: Call, home: Path, tmp_path: Path) -> None:
    from tests.improvement.sources import CALLS

    assert call("migrate").code == 0
    store = Store(Settings.model_validate({}).url)
    builders.settle(store)
    store.close()
    mapping, file = tmp_path / "calls.yaml", tmp_path / "calls.csv"
    text = CALLS.replace("always: desk", "always: alfama").replace("{column: Agent}", "{column: Agent, keep: no}")
    mapping.write_text(text, "utf-8")
    head = "Call Id,Agent,Date,Answered (Y/N),Resolved,AvgTalkDuration,Satisfaction rating\n"
    file.write_text(head + "1,Diane,2025-12-01,Y,Y,0:01:00,4\n", "utf-8")
    assert call("readings", "other", "--mapping", mapping).code == 1
    tried = call("readings", "support_calls", file, "--mapping", mapping, "--dry-run")
    assert "The mapping of support_calls is kept: 4 measures." in tried.out
    assert "1 rows, 2025-12-01 to 2025-12-01, 1 person." in tried.out
    assert "Readings: 4 new, 0 changed, 0 gone, 0 same. Dry run: nothing was written." in tried.out
    assert "4 new" in call("readings", "support_calls", file).out
    assert "0 new, 0 changed, 0 gone, 4 same" in call("readings", "support_calls", file).out
    file.write_text(head + "1,Diane,1.12.2025,Y,Y,0:01:00,4\n", "utf-8")
    said = call("readings", "support_calls", file)
    assert said.code == 1
    assert "line 2, column Date: a day as 2026-01-31; not '1.12.2025'" in said.err
    assert home.exists()


def test_somebody_takes_their_data_and_is_erased(call: Call, home: Path, tmp_path: Path) -> None:
    call("migrate")
    store = Store(f"sqlite:///{home / 'devsys.db'}", home / KEY_NAME)
    builders.settle(store)
    store.close()
    out = tmp_path / "ana.json"
    assert call("my-data", "ana.correia", "--out", out).code == 0
    assert json.loads(out.read_text("utf-8"))["person"] == "Ana Correia"
    assert "Person: 1 row, personal" in out.with_name("ana.json.txt").read_text("utf-8")
    assert out.stat().st_mode & 0o077 == 0
    assert call("my-data", "nobody", "--out", out).code == 1
    said = call("erase", "Ana Correia", "--typed", "Ana")
    assert (said.code, "exactly" in said.err) == (1, True)
    done = call("erase", "Ana Correia", "--typed", "Ana Correia")
    assert done.code == 0
    assert "no longer in the database" in done.out
    assert b"Ana Correia" not in b"".join(p.read_bytes() for p in home.iterdir() if p.is_file())
    assert call("erase", "Ana Correia", "--typed", "Ana Correia").code == 1
