"""Text that the database holds encrypted: account numbers and the like.

Fernet (AES-128-CBC with an HMAC). `FIELD_KEYS` lists the keys: the first encrypts, all of them decrypt, so that a key is
changed by putting a new one in front and saving the rows again (`rotated`). The same text never gives the same stored
value, so such a field cannot be searched or made unique.
"""

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models


class EncryptedTextError(Exception):
    """The stored value was made with a key that is not in FIELD_KEYS, or was changed."""


class EncryptedTextField(models.TextField):
    """A TextField whose column holds a token. The empty text is stored as it is."""

    description = "Encrypted text"

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypted(value) if value else value

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> str | None:
        return decrypted(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError(f"{self.name} is encrypted: it cannot be looked up by {lookup_name!r}.")


def encrypted(text: str) -> str:
    return _cipher(*_keys()).encrypt(text.encode()).decode()


def decrypted(token: str) -> str:
    """Raises EncryptedTextError."""
    try:
        return _cipher(*_keys()).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise EncryptedTextError from error


def rotated(token: str) -> str:
    """The same text under the first key. Raises EncryptedTextError."""
    try:
        return _cipher(*_keys()).rotate(token.encode()).decode()
    except InvalidToken as error:
        raise EncryptedTextError from error


def _keys() -> tuple[str, ...]:
    keys = tuple(settings.FIELD_KEYS)
    if not keys:
        raise ImproperlyConfigured("FIELD_KEYS is empty: it needs at least one key.")
    return keys


@lru_cache(maxsize=4)
def _cipher(*keys: str) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured("FIELD_KEYS: each key is 32 bytes in url-safe base64.") from error
