"""Reads a database URL into Django's settings, for the sites that run without our settings module."""

from typing import Any
from urllib.parse import unquote, urlsplit


def django_database(url: str) -> dict[str, Any]:
    """The DATABASES entry for postgres:// or sqlite:/// URLs. Connections are kept open; SQLite waits for its turn to write.

    Raises ValueError for another scheme.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path[1:],
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"not a database URL of PostgreSQL or SQLite: {parts.scheme}")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path[1:],
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
    }
