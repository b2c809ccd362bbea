"""A device that makes and uses passkeys, in a few lines: what a browser and its authenticator would answer."""

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, MADE = 0x01, 0x04, 0x40


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@dataclass(frozen=True)
class Device:
    """One key at one origin; `count` is what it says of how often it was used, `flags` what it says of its user."""

    origin: str
    key_id: bytes = b"a key of a test, 24 bytes"
    count: int = 0
    flags: int = PRESENT | VERIFIED
    secret: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def now(self, **changes):
        return replace(self, **changes)

    def _said(self, kind, challenge):
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, name, flags):
        return hashlib.sha256(name.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _answer(self, response):
        named = b64(self.key_id)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": response})

    def make(self, options):
        """Answer options of a creation."""
        wanted = json.loads(options)
        numbers = self.secret.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        data = self._data(wanted["rp"]["id"], self.flags | MADE) + bytes(16)
        data += len(self.key_id).to_bytes(2, "big") + self.key_id + cbor2.dumps(public)
        response = {
            "clientDataJSON": b64(self._said("webauthn.create", wanted["challenge"])),
            "attestationObject": b64(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return json.dumps(
            {"id": b64(self.key_id), "rawId": b64(self.key_id), "type": "public-key", "response": response}
        )

    def use(self, options, person_id=""):
        """Answer options of a sign-in."""
        wanted = json.loads(options)
        said = self._said("webauthn.get", wanted["challenge"])
        data = self._data(wanted["rpId"], self.flags)
        signature = self.secret.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        response = {"clientDataJSON": b64(said), "authenticatorData": b64(data), "signature": b64(signature)}
        if person_id:
            response["userHandle"] = b64(person_id.encode())
        return json.dumps(
            {"id": b64(self.key_id), "rawId": b64(self.key_id), "type": "public-key", "response": response}
        )
