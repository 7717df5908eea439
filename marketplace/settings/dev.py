"""A developer's machine and `make demo`: no variable is needed."""

from .base import *
from .base import VAR_DIR, env

DEBUG = env.bool("DEBUG", False)
# Fixed on purpose: a demo that restarts keeps its sessions. Production settings refuse it.
SECRET_KEY = "insecure-development-key-that-production-refuses"  # noqa: S105
BUYER_HASH_KEY = "insecure-development-buyer-key"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
# Demo accounts with published passwords exist only where this is set.
DEMO = True
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
