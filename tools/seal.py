"""Write and sign the checksums of what a build made, and check them: `python3 tools/seal.py check FOLDER PUBLIC_KEY`.

SHA256SUMS has the form of sha256sum. Its signature is Ed25519 (RFC 8032) over the bytes of that file, made with the
private key in PEM that DEVSYS_RELEASE_KEY names; whoever has openssl and the public key can check it without us:
`openssl pkeyutl -verify -pubin -inkey release.pub -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig`.
"""

import hashlib
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

SUMS = "SHA256SUMS"


def summed(folder: Path) -> str:
    """Give a line per file of the folder, by name: its SHA-256, two spaces, its name."""
    files = sorted(f for f in folder.iterdir() if f.is_file() and not f.name.startswith(SUMS))
    return "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)


def seal(folder: Path, key: Path | None) -> bool:
    """Write the checksums; sign them where there is a key. Give whether they are signed.

    Raises TypeError for a key that is not Ed25519.
    """
    (folder / SUMS).write_text(summed(folder), "ascii")
    (folder / f"{SUMS}.sig").unlink(missing_ok=True)
    if key is None:
        return False
    private = load_pem_private_key(key.read_bytes(), password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise TypeError("The release key must be Ed25519: openssl genpkey -algorithm ed25519 -out release.pem")
    (folder / f"{SUMS}.sig").write_bytes(private.sign((folder / SUMS).read_bytes()))
    return True


def faults(folder: Path, public: Path) -> list[str]:
    """Give what is wrong with a folder: a signature that does not hold, files that are others or not named."""
    key = load_pem_public_key(public.read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        return ["The public key is not Ed25519."]
    try:
        said = (folder / SUMS).read_bytes()
        key.verify((folder / f"{SUMS}.sig").read_bytes(), said)
    except FileNotFoundError as error:
        return [f"{Path(str(error.filename)).name} is not there."]
    except InvalidSignature:
        return [f"{SUMS} was not signed with this key, or was changed."]
    named, found = set(said.decode("ascii").splitlines()), set(summed(folder).splitlines())
    return [f"{line.split()[1]} is not the file that was signed." for line in sorted(named - found)] + [
        f"{line.split()[1]} is not named in {SUMS}." for line in sorted(found - named)
    ]


def main() -> int:
    """Check a folder; 0 when all holds."""
    if len(sys.argv) != 4 or sys.argv[1] != "check":  # noqa: PLR2004 -- the word, the folder, the key
        sys.exit(__doc__)
    wrong = faults(Path(sys.argv[2]), Path(sys.argv[3]))
    print("\n".join(wrong) or "All files are those that were signed.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
