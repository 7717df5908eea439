"""The test suite: fast hashes, plain static files, mail in memory."""

import os
from pathlib import Path

os.environ.setdefault("VAR_DIR", str(Path(__file__).resolve().parents[2] / "var" / "test"))

from .base import *
from .base import DATABASES, VAR_DIR, env

SECRET_KEY = "test-key"  # noqa: S105
BUYER_HASH_KEY = "test-buyer-key"
FIELD_KEYS = ["aW5zZWN1cmUtdGVzdC1maWVsZC1rZXktMzItYnl0ZXM="]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
DEMO = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = VAR_DIR / "media"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# No thread beside the tests.
SEARCH_TALLY_SECONDS = 0
(VAR_DIR / "static").mkdir(parents=True, exist_ok=True)
suffix = env.str("TEST_DB_SUFFIX", "")
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    # A file, not memory: browser tests and races need several connections.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / f"test{suffix}.sqlite3")}
else:
    DATABASES["default"]["OPTIONS"].pop("pool", None)
    DATABASES["default"]["TEST"] = {"NAME": f"test_market{suffix}"}
