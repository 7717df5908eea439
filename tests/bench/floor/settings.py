"""The least that a Django site can be: no apps, no middleware, one view."""

import os
from pathlib import Path

from tests.bench.database_url import django_database

SECRET_KEY = "benchmark"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "tests.bench.floor.site"
DATABASES = {"default": django_database(os.environ["BENCH_DATABASE"])}
MIDDLEWARE: list[str] = []
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [Path(__file__).parent]}]
