"""The catalogue of promises: which test proves which, in which sizes, and the fault it was shown to fail on.

One line each in PROOFS. A proof names a test function as `file::function`; of a promise with a larger size at night
at least one proof has a form under the `soak` marker. `make soak ARGS="C1 K3"` runs the larger forms of these ids;
docs/catalogue.md is written from this table (`pytest tests/test_catalogue.py --update-golden`).
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "catalogue.md"


@dataclass(frozen=True, slots=True)
class Promise:
    """A row of the catalogue: what is tried, how often by default and at night ("all", "-": not at all), what holds."""

    id: str
    test: str
    small: str
    soak: str
    holds: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A test that proves a promise, or a part of it, and the fault put in by hand on which it was seen to fail."""

    id: str
    test: str
    fault: str

    @property
    def file(self) -> str:
        """The file of the test, from the root of the tree."""
        return self.test.partition("::")[0]

    @property
    def function(self) -> str:
        """The name of its function."""
        return self.test.partition("::")[2]


PROMISES: Final = (
    Promise(
        "C1",
        "kill -9 inside publish, replan, import, attendance, erase, migrate",
        "10 each",
        "200 each",
        "no answered write lost, no half state, the file whole; >= 60 % of kills inside; the next start costs <= 1.5 "
        "(median), 3 (worst) times a clean one",
    ),
    Promise("C2", "crash at every statement of publish and import", "all", "all", "the old state or the new one"),
    Promise("C3", "pragmas on every pooled connection; fsyncs counted by strace", "all", "all", ">= 1 fsync per write"),
    Promise("C4", "readers beside rewrites of exports, caches, backups", "200", "10,000", "none torn"),
    Promise("K1", "8 writers on one row", "20 each", "200 each", "none lost; refusals are 409 with who and when"),
    Promise("K2", "two publish the same draft at once", "10", "500", "one success, one 409, the loser's draft intact"),
    Promise("K3", "20 clients for the last seat, room, coach", "5", "200", "never over"),
    Promise(
        "K4",
        "the write lock held 3 s, 30 s",
        "1",
        "20",
        "3 s: all succeed; 30 s: 503 with Retry-After; reads' p99 <= 2 times that without the lock",
    ),
    Promise("K5", "the disk is full", "1", "20", "a clear error, state unchanged, reads work, goes on without restart"),
    Promise(
        "S1", "2 and 4 worker processes, due jobs", "50", "1,000", "as many rows in the ledger: none twice or missing"
    ),
    Promise(
        "S2",
        "worker killed in a job; clock +-1 h; 36 h stopped",
        "5",
        "200",
        "each effect once; backlog done or explained",
    ),
    Promise(
        "S3",
        "the mail server hangs, refuses, dies after it accepted",
        "5",
        "200",
        "no letter lost; <= 1 double per kill, under one Message-ID",
    ),
    Promise(
        "D1",
        "zones of the world, 2024-2032",
        "500 cases",
        "20,000 cases",
        "wall time kept, none in gaps, lengths exact",
    ),
    Promise(
        "D2",
        "other zone data",
        "3 changed rules",
        "20 changed rules",
        "wall time stays; SEQUENCE+1 only where UTC moved; the list is right",
    ),
    Promise(
        "F1",
        "hostile files and mutants of them",
        "200",
        "20,000",
        "no answer >= 500; nothing changed on refusal; 5 s and 200 MB; line or row named",
    ),
    Promise("F2", "ZIP, XLSX under any name", "all", "all", "refused unread"),
    Promise("F3", "hostile addresses in every text field", "all", "all", "none asked"),
    Promise(
        "A1",
        "the API and forms fuzzed",
        "500 requests",
        "20,000 requests",
        "no server error, no undocumented status, every operation reached",
    ),
    Promise(
        "A2", "every route x every role x own and other ids", "all", "all", "no wrong cell, no route without a row"
    ),
    Promise("A3", "marked words in all personal and confidential columns", "all", "all", "nowhere where denied"),
    Promise("A4", "all filters and differences of a 12-person organisation", "all", "all", "no figure of fewer than k"),
    Promise("A5", "headers, cookies, CSP, CSRF, redirect, Host, TRACE on every route", "all", "all", "no fault"),
    Promise(
        "A6",
        "known and unknown account; 10 wrong passwords",
        "50",
        "200",
        "same bytes, medians within 10 %; then slowed",
    ),
    Promise("A7", "feed tokens, searched for in database and logs", "all", "all", "none"),
    Promise(
        "A8",
        "hostile titles through letters, read by a second parser",
        "50",
        "500",
        "headers, parts, recipients unchanged",
    ),
    Promise("A9", "exports read again", "all", "all", "no formula; numbers are numbers"),
    Promise("U1", "what `devsys run` refuses; each check of doctor broken on purpose", "all", "all", "refused, named"),
    Promise("L1", "feeds", "all", "all", "a look costs next to nothing; small changes render little"),
    Promise("L2", "20 people on pages during a replan", "1", "10", "p95 <= 2 times that without it; no time-out"),
    Promise(
        "L3",
        "8 h of mixed load, hourly replan, nightly backup",
        "-",
        "1",
        "memory grows < 5 % after hour 1, log of the database within its limit, open files flat, no answer >= 500",
    ),
    Promise(
        "B1", "backup beside writing, restore elsewhere", "3", "100", "digest and feeds equal; damaged or newer refused"
    ),
    Promise("B2", "up from every released schema", "demo", "10^6 rows", "digest equal, backup first, a kill harmless"),
    Promise("B3", "SQLite -> PostgreSQL -> SQLite", "demo", "10^6 rows", "digest equal; all tests pass on both"),
    Promise("G1", "one person's export", "all", "all", "every row the tables name"),
    Promise("G2", "erasure", "3", "100", "name, address, id nowhere; counts unchanged"),
    Promise("G3", "retention", "all", "all", "nothing older than its limit and a day"),
    Promise(
        "M1", "whole weeks of life, all calendars compared each evening", "1", "17 seeds", "every calendar is the plan"
    ),
)

PROOFS: Final = (
    Proof("C1", "tests/processes/test_kill.py::test_killed_while_publishing", "the pointer kept before the version"),
    Proof("C1", "tests/processes/test_kill.py::test_killed_while_replanning", "a run ended before its plan is kept"),
    Proof("C1", "tests/processes/test_kill.py::test_killed_while_importing", "each row of a file written by itself"),
    Proof(
        "C1",
        "tests/processes/test_kill.py::test_killed_while_attendance_is_marked",
        "each mark of a press written by itself",
    ),
    Proof(
        "C1",
        "tests/processes/test_kill.py::test_killed_while_erasing",
        "the list written after the file was written anew",
    ),
    Proof(
        "C1",
        "tests/actions/test_erase_person.py::test_who_is_erased_is_in_the_list_before_it_is_so",
        "the list written after the commit",
    ),
    Proof("C1", "tests/processes/test_kill.py::test_killed_while_migrating", "each step in a transaction of its own"),
    Proof(
        "C2",
        "tests/processes/test_every_statement.py::test_publishing_is_whole_or_not_at_all",
        "the pointer kept before the version",
    ),
    Proof(
        "C2",
        "tests/processes/test_every_statement.py::test_publishing_through_the_story_is_whole_or_not_at_all",
        "the plan kept before its letters",
    ),
    Proof(
        "C2",
        "tests/processes/test_every_statement.py::test_an_import_is_whole_or_not_at_all",
        "the log of acts written after the commit",
    ),
    Proof(
        "C2",
        "tests/processes/test_every_statement.py::test_a_drawn_plan_and_its_run_are_kept_together",
        "the draft kept before the end of its run",
    ),
    Proof("C3", "tests/store/test_store.py::test_pragmas_hold_on_every_pooled_connection", "foreign keys left out"),
    Proof("C3", "tests/processes/test_syncs.py::test_each_answered_write_is_synced", "synchronous=NORMAL"),
    Proof(
        "C4",
        "tests/processes/test_rewrites.py::test_a_reader_beside_rewrites_never_sees_a_part",
        "the file written in place",
    ),
    Proof(
        "K1",
        "tests/store/test_store.py::test_writers_beside_each_other_lose_no_update",
        "writes that begin as reads do",
    ),
    Proof(
        "K2",
        "tests/processes/test_at_once.py::test_of_two_who_publish_at_once_one_is_told_who_was_first",
        "the pointer moved without a look at what it was",
    ),
    Proof(
        "K3",
        "tests/processes/test_coaching_at_once.py::test_two_take_the_same_time_of_a_coach_at_once",
        "neither what was seen nor what is held asked again before a time is held: each look covers for the other",
    ),
    Proof(
        "K3",
        "tests/processes/test_last_one.py::test_the_last_seat_goes_to_one_of_twenty",
        "a small change published on whatever stands",
    ),
    Proof(
        "K3",
        "tests/processes/test_last_one.py::test_the_last_room_goes_to_one_of_twenty",
        "what a draft would break not looked at",
    ),
    Proof(
        "K3",
        "tests/processes/test_last_one.py::test_the_last_hour_of_a_coach_goes_to_one_of_twenty",
        "neither what was seen nor what is held asked again before a time is held: each look covers for the other",
    ),
    Proof(
        "K4", "tests/processes/test_held.py::test_a_held_lock_is_waited_for_and_then_said", "nobody waits for a lock"
    ),
    Proof(
        "K4",
        "tests/processes/test_at_once.py::test_a_held_database_is_503_with_when_to_try_again",
        "a held lock not known by its words",
    ),
    Proof(
        "K5",
        "tests/store/test_full.py::test_a_full_disk_is_said_and_changes_nothing",
        "the words for a full disk taken out",
    ),
    Proof(
        "S1",
        "tests/jobs/test_worker.py::test_each_due_time_is_one_row_with_four_workers",
        "each worker leads, lock or not",
    ),
    Proof(
        "S1",
        "tests/processes/test_workers.py::test_as_many_rows_as_due_times_whoever_leads",
        "each worker leads, lock or not",
    ),
    Proof(
        "S2",
        "tests/processes/test_workers.py::test_killed_in_a_job_clocks_that_jump_and_days_without_any",
        "what a dead worker left is not taken over",
    ),
    Proof(
        "S2",
        "tests/jobs/test_worker.py::test_a_day_and_a_half_stopped_is_done_once_or_explained",
        "every missed time done one by one",
    ),
    Proof(
        "S2",
        "tests/processes/test_leaders.py::test_of_two_workers_the_one_that_was_cut_off_writes_nothing",
        "writes that do not ask for the term",
    ),
    Proof(
        "S2",
        "tests/jobs/test_worker.py::test_who_leads_anew_after_a_cut_does_not_let_its_former_try_write",
        "writes that do not ask for the term",
    ),
    Proof(
        "S2",
        "tests/jobs/test_worker.py::test_a_leader_whose_lock_file_is_gone_writes_nothing_once_another_leads",
        "writes that do not ask for the term",
    ),
    Proof(
        "S2",
        "tests/jobs/test_worker.py::test_a_lock_whose_connection_came_back_by_itself_is_held_no_more",
        "a lead believed as long as its connection answers",
    ),
    Proof(
        "S2",
        "tests/processes/test_side_by_side.py::test_two_machines_go_on_when_a_web_a_leader_or_the_database_goes",
        "the server's going known by its words alone: 500 in place of 503",
    ),
    Proof(
        "S3",
        "tests/jobs/test_worker_letters.py::test_a_mail_server_that_is_silent_holds_up_nothing_else",
        "a server that cannot be used taken for one that refuses the letter",
    ),
    Proof(
        "S3",
        "tests/letters/test_outbox.py::test_a_mail_server_that_is_down_is_asked_again_with_growing_waits",
        "waits that do not grow",
    ),
    Proof(
        "S3",
        "tests/letters/test_outbox.py::test_a_connection_lost_in_the_middle_sends_the_same_bytes_again",
        "a sealed letter written anew",
    ),
    Proof(
        "S3",
        "tests/processes/test_kill_letters.py::test_killed_while_letters_leave",
        "a letter noted as sent before it is handed over",
    ),
    Proof(
        "S3",
        "tests/jobs/test_worker_letters.py::test_runs_begin_and_end_while_a_mail_server_is_silent",
        "the worker waits for its letters",
    ),
    Proof(
        "D1",
        "tests/model/test_hours_everywhere.py::test_wall_times_are_kept_and_none_lies_in_a_gap",
        "a gap let through",
    ),
    Proof(
        "D2",
        "tests/feeds/test_other_zone_data.py::test_walls_stay_and_only_what_moved_is_revised",
        "SEQUENCE left as it was",
    ),
    Proof(
        "D2",
        "tests/feeds/test_feeds.py::test_new_zone_data_moves_the_instant_under_the_same_wall_time",
        "other zone data not followed",
    ),
    Proof(
        "F1",
        "tests/hostile/test_csv.py::test_files_that_are_wrong_as_files_are_refused_in_one_sentence",
        "NUL bytes let through",
    ),
    Proof(
        "F1",
        "tests/hostile/test_csv.py::test_rows_that_are_wrong_are_refused_by_number",
        "rows counted without the header",
    ),
    Proof(
        "F1",
        "tests/hostile/test_ics.py::test_what_is_odd_is_answered_or_refused_in_the_child",
        "the work that rules make not counted",
    ),
    Proof(
        "F1",
        "tests/hostile/test_ics.py::test_mutants_are_answered_or_refused",
        "a day that no month has raised as it came",
    ),
    Proof(
        "F1",
        "tests/hostile/test_readings.py::test_mutants_of_good_files_are_taken_or_refused_with_a_place",
        "faults that do not say their line",
    ),
    Proof(
        "F1",
        "tests/hostile/test_web.py::test_one_wrong_field_is_refused_in_words_and_writes_nothing",
        "a number or a date that is none raised as it came",
    ),
    Proof(
        "F1",
        "tests/hostile/test_whole_way.py::test_a_mutant_is_taken_or_refused_with_a_place_and_writes_nothing",
        "good rows written though others are refused",
    ),
    Proof(
        "F2",
        "tests/hostile/test_archives.py::test_an_archive_is_refused_unread_under_any_name",
        "an archive opened for the first file in it",
    ),
    Proof(
        "F3",
        "tests/hostile/test_addresses.py::test_an_address_in_a_field_that_takes_one_is_refused_and_not_asked",
        "every address taken for one of the open internet",
    ),
    Proof(
        "F3",
        "tests/hostile/test_addresses.py::test_no_address_in_any_text_field_is_asked",
        "an address asked wherever one is written into a form",
    ),
    Proof(
        "A1", "tests/api/test_description.py::test_nothing_made_up_breaks_it", "a cursor that is none raised as it came"
    ),
    Proof(
        "A1",
        "tests/api/test_description.py::test_nothing_made_up_breaks_it_for_long",
        "a cursor that is none raised as it came",
    ),
    Proof(
        "A1",
        "tests/api/test_matrix.py::test_every_operation_is_reached_with_what_it_is_for",
        "If-Match: * not taken for whatever stands",
    ),
    Proof(
        "A2",
        "tests/web/test_routes.py::test_every_route_opens_exactly_where_the_table_says",
        "a permission that reaches nothing let through",
    ),
    Proof(
        "A2",
        "tests/web/test_every_door.py::test_every_cell_is_as_written",
        "a coaching plan given to whoever names its id",
    ),
    Proof(
        "A2",
        "tests/web/test_every_door.py::test_nothing_opens_beyond_the_table_of_permissions",
        "a permission that reaches nothing let through",
    ),
    Proof(
        "A2",
        "tests/web/test_every_door.py::test_neither_somebody_unknown_nor_a_leaver_gets_in",
        "changes let in without a sign-in",
    ),
    Proof(
        "A2",
        "tests/web/test_routes.py::test_what_is_not_yours_looks_like_what_is_not_there",
        "the page shows the words of whoever refuses, which differ",
    ),
    Proof(
        "A2",
        "tests/hostile/test_web.py::test_a_wrong_id_is_not_there_for_anybody",
        "who asks for what is not there sent to the first page",
    ),
    Proof(
        "A2",
        "tests/api/test_matrix.py::test_every_operation_opens_exactly_where_the_table_says",
        "a permission that reaches nothing let through",
    ),
    Proof(
        "A2",
        "tests/api/test_matrix.py::test_own_and_others_things_open_to_those_they_are_for",
        "a person given to whoever names their id",
    ),
    Proof(
        "A3",
        "tests/web/test_every_door.py::test_marked_words_are_found_only_where_the_matrix_lets_them",
        "a coaching plan given to whoever names its id",
    ),
    Proof(
        "A3",
        "tests/web/test_every_door.py::test_every_column_of_words_is_marked",
        "a column of words taken out of the list",
    ),
    Proof(
        "A3",
        "tests/stories/test_coaching_canary.py::test_marked_words_are_found_by_the_two_alone",
        "a coaching plan given to whoever names its id",
    ),
    Proof(
        "A3",
        "tests/stories/test_coaching_canary.py::test_marked_words_leave_by_no_letter_no_feed_and_lie_in_no_file",
        "words kept in the clear where they should be sealed",
    ),
    Proof(
        "A3",
        "tests/web/test_canary_rounds.py::test_marked_words_of_cards_are_found_only_where_they_may_be_read",
        "a card shown before it is shared",
    ),
    Proof(
        "A4",
        "tests/improvement/test_cells.py::test_nothing_under_five_can_be_worked_out_in_any_organisation_of_up_to_eleven",
        "two hidden parts of four people together thought enough",
    ),
    Proof(
        "A4",
        "tests/improvement/test_pulse.py::test_no_group_under_five_can_be_worked_out",
        "nothing hidden beside what is hidden",
    ),
    Proof(
        "A4",
        "tests/improvement/test_staying.py::test_fewer_than_five_leavings_are_neither_shown_nor_to_be_worked_out",
        "nothing hidden beside what is hidden",
    ),
    Proof(
        "A4",
        "tests/api/test_figures.py::test_none_of_fewer_than_five_and_none_that_gives_them_away",
        "complementary hiding taken out",
    ),
    Proof(
        "A4",
        "tests/web/test_small_groups.py::test_nothing_under_five_follows_from_all_that_everybody_is_shown",
        "nothing hidden beside what is hidden",
    ),
    Proof(
        "A5",
        "tests/web/test_every_door.py::test_headers_cookies_and_redirects_are_right_on_every_answer",
        "answers to changes left without headers",
    ),
    Proof(
        "A5",
        "tests/web/test_every_door.py::test_no_route_takes_a_foreign_form_a_foreign_host_or_trace",
        "the origin of a form not looked at",
    ),
    Proof("A5", "tests/web/test_routes.py::test_trace_is_refused", "routes that answer TRACE"),
    Proof(
        "A5", "tests/web/test_signin.py::test_a_form_of_another_page_is_refused", "the origin of a form not looked at"
    ),
    Proof(
        "A5",
        "tests/web/test_signin.py::test_next_leads_to_our_own_pages_only",
        "a path that begins with two strokes let through",
    ),
    Proof("A5", "tests/web/test_signin.py::test_a_foreign_host_is_refused", "any host answered"),
    Proof(
        "A6",
        "tests/web/test_signin.py::test_known_and_unknown_account_are_refused_with_the_same_bytes",
        "other words for an address that nobody has",
    ),
    Proof(
        "A6",
        "tests/web/test_signin.py::test_wrong_passwords_are_slowed_for_the_account_from_anywhere",
        "tries of an account counted by address",
    ),
    Proof(
        "A6",
        "tests/web/test_signin_alike.py::test_whether_an_account_is_there_shows_neither_in_words_nor_in_time",
        "no password hashed where there is none to compare",
    ),
    Proof("A7", "tests/feeds/test_http.py::test_the_token_is_nowhere_in_the_database", "a token kept beside its hash"),
    Proof("A7", "tests/feeds/test_http.py::test_the_token_is_not_in_the_logs", "the token written to the log as it is"),
    Proof(
        "A7",
        "tests/feeds/test_http.py::test_unknown_revoked_expired_and_a_leavers_token_give_the_same_404",
        "feeds that nobody asks for kept alive",
    ),
    Proof(
        "A8",
        "tests/hostile/test_letters.py::test_a_hostile_title_changes_no_header_no_part_and_no_recipient",
        "a separator of lines let into a subject",
    ),
    Proof(
        "A9",
        "tests/intake/test_csv.py::test_no_cell_written_is_a_formula_and_all_come_back",
        "full-width signs taken for plain text",
    ),
    Proof(
        "A9",
        "tests/web/test_every_door.py::test_no_cell_of_any_file_is_a_formula_and_numbers_are_numbers",
        "cells of a file written as they are; texts of a workbook that may be formulas",
    ),
    Proof(
        "U1",
        "tests/actions/test_doctor.py::test_what_is_broken_on_purpose_is_named",
        "the rights of files not looked at",
    ),
    Proof(
        "U1",
        "tests/processes/test_refusals.py::test_an_unsafe_start_is_refused_and_named",
        "the web and the worker alone started without being asked",
    ),
    Proof(
        "L1",
        "tests/feeds/test_feeds.py::test_one_moved_session_changes_one_vevent_in_the_feeds_that_hold_it",
        "every feed looked at and revised by each publish",
    ),
    Proof(
        "L1",
        "tests/feeds/test_feeds.py::test_a_poll_costs_one_read_for_304_and_a_kept_body_two_for_one_that_is_joined_three_for_the_first",
        "a read more for each poll",
    ),
    Proof(
        "L2",
        "tests/processes/test_replan_beside.py::test_pages_come_while_a_plan_is_drawn",
        "a plan drawn inside the transaction that keeps it, and reads that begin as writes do",
    ),
    Proof(
        "L3",
        "tests/soak/test_load.py::test_eight_hours_of_mixed_load_leave_it_as_it_was",
        "files left open by each page; each answer kept in memory (seen with a third of the pages)",
    ),
    Proof(
        "B1",
        "tests/test_backup.py::test_a_restore_gives_the_state_of_the_backups_moment",
        "the epoch of feeds left as it was",
    ),
    Proof(
        "B1",
        "tests/test_backup.py::test_a_backup_beside_writing_is_whole",
        "the file copied as it lies, without its log",
    ),
    Proof(
        "B1",
        "tests/test_backup.py::test_a_damaged_or_newer_backup_is_refused_and_nothing_changes",
        "the hash of a backup not compared",
    ),
    Proof(
        "B1",
        "tests/test_backup_postgresql.py::test_a_restore_gives_the_state_of_the_backups_moment",
        "the epoch of feeds and sign-ins left as they were in the backup",
    ),
    Proof(
        "B1",
        "tests/test_backup_postgresql.py::test_a_backup_beside_writing_is_of_one_moment",
        "each read of its own moment (READ COMMITTED)",
    ),
    Proof(
        "B1",
        "tests/test_backup_postgresql.py::test_either_engine_takes_a_backup_of_either",
        "yes and no written as PostgreSQL writes them",
    ),
    Proof(
        "B1",
        "tests/test_backup_postgresql.py::test_what_is_damaged_newer_or_foreign_is_refused_in_words",
        "the step of the file not compared",
    ),
    Proof(
        "B1",
        "tests/test_backup_postgresql.py::test_killed_anywhere_the_old_or_the_new_state_stands_and_no_half_backup",
        "the tables made anew in a transaction of their own",
    ),
    Proof(
        "B2",
        "tests/test_migrations.py::test_a_database_with_a_plan_in_it_comes_up",
        "a step that makes a table anew while others name its rows",
    ),
    Proof(
        "B2",
        "tests/test_upgrades.py::test_up_from_any_step_nothing_is_lost_and_a_backup_comes_first",
        "a step that takes away places; no backup",
    ),
    Proof(
        "B2",
        "tests/test_upgrades.py::test_killed_anywhere_the_older_step_or_the_newest_stands_whole",
        "the steps in two transactions",
    ),
    Proof(
        "B2",
        "tests/test_upgrades.py::test_a_million_rows_come_up_whole",
        "a step that takes away the places of one session",
    ),
    Proof(
        "B2",
        "tests/bench/test_upgrade_ratios.py::test_all_steps_from_the_first_cost_at_most_five_copies",
        "a step that writes a column of every row eight times",
    ),
    Proof(
        "B2", "tests/test_migrations.py::test_a_migration_that_fails_leaves_nothing", "steps outside one transaction"
    ),
    Proof(
        "B3",
        "tests/test_move.py::test_there_and_back_the_data_is_the_same",
        "numbers that begin anew in the database moved to",
    ),
    Proof(
        "B3",
        "tests/processes/test_side_by_side.py::test_two_machines_go_on_when_a_web_a_leader_or_the_database_goes",
        "the epoch of feeds renewed by a move",
    ),
    Proof(
        "B3",
        "tests/test_move.py::test_killed_at_any_row_nothing_is_there_and_the_next_move_is_whole",
        "a file built in its place; each table committed by itself",
    ),
    Proof(
        "G1",
        "tests/web/test_every_door.py::test_ones_own_file_holds_every_row_the_tables_name",
        "a table left out of the file",
    ),
    Proof(
        "G1",
        "tests/test_cli.py::test_somebody_takes_their_data_and_is_erased",
        "the row of the person left out of the file",
    ),
    Proof(
        "G2",
        "tests/actions/test_erase_person.py::test_nobody_finds_a_person_who_was_erased",
        "names in texts left as they were",
    ),
    Proof(
        "G2",
        "tests/actions/test_erase_person.py::test_no_table_is_forgotten",
        "tables left out where names in texts are looked for",
    ),
    Proof(
        "G2", "tests/actions/test_erase_person.py::test_a_hundred_people_are_erased", "names in texts left as they were"
    ),
    Proof(
        "G3",
        "tests/web/test_pages_keeping.py::test_a_limit_is_tried_out_set_and_kept_to_the_day",
        "the usual limit held to, whatever is set",
    ),
    Proof(
        "M1",
        "tests/stories/test_life.py::test_weeks_of_life_end_with_every_calendar_as_published",
        "feeds that a moved session does not revise",
    ),
    Proof(
        "M1",
        "tests/soak/test_life.py::test_a_week_of_life_of_three_hundred_ends_with_every_calendar_as_published",
        "feeds that a moved session does not revise",
    ),
    Proof(
        "M1",
        "tests/soak/test_lives.py::test_weeks_of_life_from_any_seed_end_with_every_calendar_as_published",
        "feeds that a moved session does not revise",
    ),
)


def ids_of(file: str, function: str) -> tuple[str, ...]:
    """Give the ids that a test proves; `file` is its path from the root of the tree."""
    return tuple(dict.fromkeys(p.id for p in PROOFS if p.test == f"{file}::{function}"))


@cache
def _module(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text("utf-8"))


def _functions(file: str) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(_module(file)) if isinstance(node, ast.FunctionDef))


def exists(proof: Proof) -> bool:
    """Say whether the test of a proof is there."""
    return (ROOT / proof.file).exists() and any(f.name == proof.function for f in _functions(proof.file))


def forms(proof: Proof) -> tuple[bool, bool]:
    """Say whether a proof has a form in the default run, and one under the `soak` marker.

    Read from the source: a decorator with the marker is the whole test unless it is inside a parametrize; a module may
    carry the marker as a whole, and a fixture may hand a longer form to all who use it.
    """
    top = " ".join(ast.unparse(n) for n in _module(proof.file).body if isinstance(n, ast.Assign | ast.AnnAssign))
    if "pytestmark" in top and "mark.soak" in top:
        return False, True
    function = next(f for f in _functions(proof.file) if f.name == proof.function)
    wants = {a.arg for a in function.args.args + function.args.kwonlyargs}
    own = [ast.unparse(d) for d in function.decorator_list]
    lent = [ast.unparse(d) for f in _functions(proof.file) if f.name in wants for d in f.decorator_list]
    named = "SIZES" in " ".join([*own, *lent]) and "mark.soak" in top
    small = not any(d.startswith("pytest.mark.soak") for d in own)
    return small, named or any("mark.soak" in d for d in [*own, *lent])


def page() -> str:
    """Give docs/catalogue.md."""
    lines = [
        "# What is promised, and which tests prove it",
        "",
        '`make test` runs the small form, `make soak` the large one; `make soak ARGS="C1 K3"` runs those of some rows.',
        "A test that proved nothing (no write answered, no kill in time, no route reached) fails. *Shown to fail on*",
        "is the fault that was put into the product, or into what surrounds it, to see the test fail.",
        "Written from tests/catalogue.py by `pytest tests/test_catalogue.py --update-golden`.",
        "",
        "| id | what is tried | `make test` | `make soak` | what must hold |",
        "|---|---|---|---|---|",
        *(f"| {p.id} | {p.test} | {p.small} | {p.soak} | {p.holds} |" for p in PROMISES),
        "",
        "| id | proof | forms | shown to fail on |",
        "|---|---|---|---|",
    ]
    for promise in PROMISES:
        proofs = [p for p in PROOFS if p.id == promise.id]
        if not proofs:
            lines.append(f"| {promise.id} | none yet | | - |")
        for proof in proofs:
            said = " and ".join(name for name, has in zip(("small", "soak"), forms(proof), strict=True) if has)
            lines.append(f"| {proof.id} | `{proof.test}` | {said} | {proof.fault} |")
    return "\n".join(lines) + "\n"
