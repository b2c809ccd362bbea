"""A mailbox of a test on loopback: Dovecot, run for one test session from a folder of its own."""

import contextlib
import getpass
import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import monotonic, sleep

from tests.loud import program

_numbers = count(1)
PASSWORD = "only-here"

CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
{accounts}
mail_location = maildir:{folder}/mail/%u
mail_access_groups =
first_valid_uid = 0
first_valid_gid = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass
class MailboxServer:
    """A running Dovecot; every user name has a mailbox of its own."""

    port: int
    folder: Path

    def fresh(self) -> str:
        """Give the name of a user whose mailbox is empty."""
        return f"learning{next(_numbers)}"

    def deliver(self, user: str, mail: bytes) -> None:
        """Put a mail into somebody's mailbox, as a mail server would."""
        place = self.folder / "mail" / user
        owner = place.parent.stat()
        for part in ("tmp", "new", "cur"):
            (place / part).mkdir(parents=True, exist_ok=True)
        name = f"{next(_numbers)}.test"
        (place / "tmp" / name).write_bytes(mail)
        (place / "tmp" / name).rename(place / "new" / name)
        for path in (place, *place.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)


@contextlib.contextmanager
def dovecot() -> Iterator[MailboxServer]:
    """Give a running Dovecot; leaves the test out where it is not installed."""
    binary = program("dovecot", "/usr/sbin/dovecot")
    folder = Path(tempfile.mkdtemp(prefix="devsys-imap-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    root = os.geteuid() == 0
    # As root Dovecot keeps to the accounts its package made; as anybody else it is that person alone.
    me, mine = getpass.getuser(), grp.getgrgid(os.getegid()).gr_name
    accounts = (
        "" if root else f"default_internal_user = {me}\ndefault_login_user = {me}\ndefault_internal_group = {mine}"
    )
    (folder / "mail").mkdir()
    folder.chmod(0o755)
    config = folder / "dovecot.conf"
    nobody = pwd.getpwnam("nobody")  # Dovecot reads no mail as root
    uid, gid = (nobody.pw_uid, nobody.pw_gid) if root else (os.geteuid(), os.getegid())
    os.chown(folder / "mail", uid, gid)
    text = CONFIG.format(folder=folder, port=port, password=PASSWORD, uid=uid, gid=gid, accounts=accounts)
    config.write_text(text, "utf-8")
    process = subprocess.Popen(
        [binary, "-F", "-c", str(config)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        deadline = monotonic() + 20
        while monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            sleep(0.05)  # another process is waited for
        if process.poll() is not None:
            said = process.stdout.read().decode() if process.stdout else ""
            raise RuntimeError(f"dovecot ended: {said}")
        yield MailboxServer(port, folder)
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()
        shutil.rmtree(folder, ignore_errors=True)
