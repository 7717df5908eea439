# `make demo` and `make test` work on a fresh machine with git, make and Python 3.11 or later.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What PostgreSQL the tests may use, as ELASTICSEARCH_URL names an Elasticsearch; without one, what needs it is skipped by name.
POSTGRES_URL ?= sqlite:///var/test/no-postgres.sqlite3

.PHONY: demo run test test-postgres test-fast browser lint bench relevance soak lock messages clean

$(VENV)/base.stamp: requirements/base.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the site needs (about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the tests need (about two minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $(VENV)/base.stamp $@

# Compiled before Django starts: a process that has once missed the catalogue goes on without it.
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard marketplace/locale/*/LC_MESSAGES/django.po))
%.mo: %.po | $(VENV)/base.stamp
	@$(BIN)/python manage.py compile_catalogue

demo: $(VENV)/base.stamp $(CATALOGUES)  ## set up and serve the site with demo data
	@$(BIN)/python manage.py demo

run: $(VENV)/dev.stamp $(CATALOGUES)  ## development server
	$(BIN)/python manage.py runserver

test: $(VENV)/dev.stamp $(CATALOGUES)  ## every test; what needs an absent service is skipped with its name
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "not postgres and not soak"
	DATABASE_URL=$(POSTGRES_URL) $(BIN)/python -m pytest -m postgres

test-postgres: $(VENV)/dev.stamp $(CATALOGUES)  ## the suite once more on the PostgreSQL of POSTGRES_URL, but for the browser
	DATABASE_URL=$(POSTGRES_URL) $(BIN)/python -m pytest -n auto --dist loadgroup --nomigrations \
	  -m "not postgres and not browser and not soak" --ignore=tests/demo --ignore=tests/stripe_stand_in

test-fast: $(VENV)/dev.stamp $(CATALOGUES)  ## without migrations, browser or services
	$(BIN)/python -m pytest --nomigrations --reuse-db -m "not browser and not postgres and not soak"

lint: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy marketplace cooperatives catalog cms search
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint marketplace/templates
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py compile_catalogue --check
	$(BIN)/python manage.py data_dictionary --check
	SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(60))") BUYER_HASH_KEY=check FIELD_KEYS=check ALLOWED_HOSTS=example.org \
	  SITE_URL=https://example.org DJANGO_SETTINGS_MODULE=marketplace.settings.production \
	  $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: $(VENV)/dev.stamp $(CATALOGUES)  ## speed, as ratios to peers in one run
	$(BIN)/python -m tests.bench

relevance: $(VENV)/dev.stamp $(CATALOGUES)  ## how well each engine finds; FILE=queries.tsv asks other questions
	$(BIN)/python -m tests.relevance $(FILE)

soak: $(VENV)/dev.stamp  ## long random histories
	$(BIN)/python -m pytest -m soak

lock: $(VENV)/dev.stamp  ## compile the requirements with hashes
	cd requirements && for name in base dev production; do \
	  ../$(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make lock" $$name.in -o $$name.txt; done

messages: $(VENV)/dev.stamp  ## collect translatable texts (needs GNU gettext)
	$(BIN)/python manage.py makemessages -l vi -l en --no-location --no-wrap -i .venv -i tests -i var

clean:
	rm -rf var .pytest_cache .mypy_cache .ruff_cache
