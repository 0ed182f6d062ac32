"""How are private fields kept? Sealed with AES-GCM, bound to their table, column and row: moved bytes do not open.

`DATA_KEYS` names the keys: the first one seals, all of them open, so that keys can be changed without a pause.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any, Self, overload
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app

NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys by their names; the first seals. Blind indexes and codes use keys derived from the *last* (oldest), so they stay."""

    keys: dict[str, bytes]

    def derived(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose, the same as long as the oldest key is kept."""
        oldest = list(self.keys.values())[-1]
        return hmac.new(oldest, purpose.encode(), hashlib.sha256).digest()

    def seal(self, words: str, place: bytes) -> bytes:
        name, key = next(iter(self.keys.items()))
        nonce = secrets.token_bytes(NONCE_BYTES)
        return name.encode() + b":" + nonce + AESGCM(key).encrypt(nonce, words.encode(), place)

    def unseal(self, sealed: bytes, place: bytes) -> str:
        """Raises `cryptography.exceptions.InvalidTag` when the bytes were changed or belong elsewhere."""
        name, rest = bytes(sealed).split(b":", 1)
        return AESGCM(self.keys[name.decode()]).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], place).decode()


def keyring() -> Keyring:
    ring: Keyring = current_app.extensions["steadfast.keyring"]
    return ring


def place(table: str, column: str, clinic_id: UUID, row_id: UUID) -> bytes:
    """What a sealed value is bound to."""
    return f"{table}.{column}:{clinic_id}:{row_id}".encode()


def seal(table: str, column: str, clinic_id: UUID, row_id: UUID, words: str) -> bytes:
    """Seal for rows that are written in batches; mapped classes use `Sealed`."""
    return keyring().seal(words, place(table, column, clinic_id, row_id))


def unseal(table: str, column: str, clinic_id: UUID, row_id: UUID, sealed: bytes) -> str:
    return keyring().unseal(sealed, place(table, column, clinic_id, row_id))


def blind_index(purpose: str, words: str) -> bytes:
    """A keyed digest by which a sealed value can be found again, such as a phone number."""
    return hmac.new(keyring().derived(purpose), words.encode(), hashlib.sha256).digest()


def keyed_digest(purpose: str, words: bytes) -> bytes:
    return hmac.new(keyring().derived(purpose), words, hashlib.sha256).digest()


class Sealed:
    """A text attribute whose bytes are kept sealed in the column `<name>_sealed` of the same row."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.column = f"{name}_sealed"

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: Any, owner: type) -> Any: ...
    def __get__(self, row: Any, owner: type) -> Any:
        if row is None:
            return self
        kept = getattr(row, self.column)
        return None if kept is None else keyring().unseal(kept, self._place(row))

    def __set__(self, row: Any, words: str | None) -> None:
        setattr(row, self.column, None if words is None else keyring().seal(words, self._place(row)))

    def _place(self, row: Any) -> bytes:
        return place(row.__tablename__, self.column, row.clinic_id, row.id)


def init_app(app: Flask) -> None:
    app.extensions["steadfast.keyring"] = Keyring(app.config["DATA_KEYS"])
