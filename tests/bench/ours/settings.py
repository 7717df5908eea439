"""Our site as it is served in production, on loopback without TLS, with the middleware that counts statements when asked to."""

from marketplace.settings.base import *  # noqa: F403, TID251
from marketplace.settings.base import MIDDLEWARE  # noqa: TID251

SECRET_KEY = BUYER_HASH_KEY = "benchmark"
FIELD_KEYS = ["YmVuY2htYXJrLWZpZWxkLWtleS1vZi0zMi1ieXRlcyE="]
DEBUG = DEMO = False
ALLOWED_HOSTS = ["127.0.0.1"]
MIDDLEWARE = ["tests.bench.counting.count_queries", *MIDDLEWARE]
# Every visitor of the benchmark has the same address.
SHOP_POSTS_LIMIT = 0
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
# Names with a digest as in production, without the minute that compressing every file takes.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
