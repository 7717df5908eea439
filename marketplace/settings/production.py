"""A public server. Every secret comes from the environment, and a missing one stops the start."""

from django.core.exceptions import ImproperlyConfigured

from .base import *
from .base import ALLOWED_HOSTS, BUYER_HASH_KEY, FIELD_KEYS, SECRET_KEY, SITE_URL, env

DEBUG = False
DEMO = False
for name, value in (
    ("SECRET_KEY", SECRET_KEY),
    ("ALLOWED_HOSTS", ALLOWED_HOSTS),
    ("BUYER_HASH_KEY", BUYER_HASH_KEY),
    ("FIELD_KEYS", FIELD_KEYS),
    ("SITE_URL", SITE_URL.startswith("https://")),
):
    if not value:
        message = f"{name} must be set in production (SITE_URL with https)."
        raise ImproperlyConfigured(message)

SEARCH_LIMIT = env.int("SEARCH_LIMIT", 6000)
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", False) else None
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
LANGUAGE_COOKIE_SECURE = True
OSCAR_BASKET_COOKIE_SECURE = True
