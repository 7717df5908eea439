# The site with everything it needs, for compose.yaml. Not tried: see docs/operations.md, "With containers".
FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends gettext libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /site
COPY requirements requirements
RUN pip install --no-cache-dir --require-hashes -r requirements/production.txt
COPY . .
# Neither needs a secret, nor a database.
RUN DJANGO_SETTINGS_MODULE=marketplace.settings.dev VAR_DIR=/data python manage.py compile_catalogue \
 && DJANGO_SETTINGS_MODULE=marketplace.settings.dev VAR_DIR=/data python manage.py collectstatic --noinput \
 && useradd --system market && mkdir -p /data/media && chown -R market /data
USER market
ENV DJANGO_SETTINGS_MODULE=marketplace.settings.production VAR_DIR=/data PYTHONUNBUFFERED=1
CMD ["gunicorn", "marketplace.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2"]
