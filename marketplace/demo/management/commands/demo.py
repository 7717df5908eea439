"""`make demo`: an empty folder becomes a site with data, served on this machine."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sites.models import Site
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from cooperatives.models import Cooperative
from marketplace.demo import accounts, card, vouchers
from marketplace.demo.loader import is_loaded, load_demo
from marketplace.demo.photos import Photos
from marketplace.demo.world import World

# Two processes of four threads: enough for a demo on two cores.
_WORKERS, _THREADS = "2", "4"


class Command(BaseCommand):
    help = (
        "Migrates, loads the demo where it is missing, and serves the site with its workers and a stand-in for Stripe."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--prepare-only", action="store_true", help="set everything up and do not serve")

    def handle(self, *args: Any, port: int, prepare_only: bool, **options: Any) -> None:
        accounts.require_demo()
        self._prepare(port)
        self._welcome(port)
        if not prepare_only:
            self._serve(port)

    def _prepare(self, port: int) -> None:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        world = World(seed=1, today=timezone.localdate())
        # Collecting and drawing need no table: they go on while the database is made.
        collecting = None if _static_is_collected() else self._start("collectstatic", "--no-input", "--verbosity", "0")
        if _needs_migration():
            is_new = Cooperative._meta.db_table not in connection.introspection.table_names()
            photos = Photos(world) if is_new else None
            self._say("Preparing the database (about a minute the first time) ...")
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
        else:
            photos = None
        if not is_loaded():
            self._say("Loading the demo ...")
            load_demo(world=world, photos=photos or Photos(world), report=lambda line: self._say(f"  {line}"))
        Site.objects.update_or_create(
            pk=settings.SITE_ID, defaults={"domain": f"127.0.0.1:{port}", "name": settings.OSCAR_SHOP_NAME}
        )
        if collecting and collecting.wait():
            raise CommandError("The static files could not be collected.")

    def _welcome(self, port: int) -> None:
        address = f"http://127.0.0.1:{port}"
        self._say(f"\n{settings.OSCAR_SHOP_NAME}: {address}/\n")
        for role, login, page in accounts.logins():
            self._say(f"  {role:<24} {login:<32} {address}{page}")
        self._say(f"  {'Mật khẩu / password':<24} {accounts.PASSWORD}")
        self._say(f"  {'Mã giảm giá / voucher':<24} {vouchers.CODE}\n")

    def _serve(self, port: int) -> None:
        os.environ["SITE_URL"] = f"http://127.0.0.1:{port}"
        os.environ["DJANGO_SETTINGS_MODULE"] = settings.SETTINGS_MODULE
        # Stopped by a signal as by Ctrl-C, so that the worker and the server stop too.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        stripe = card.start_stand_in(port)
        if stripe:
            self._say(f"  {'Thẻ thử / test card':<24} {card.TEST_CARD}\n")
        workers = [self._start("send_outbox", "--loop", "5"), self._start("run_due", "--every", "20")]
        gunicorn = [
            str(Path(sys.executable).parent / "gunicorn"), "marketplace.wsgi:application", "--bind", f"127.0.0.1:{port}",
            "--workers", _WORKERS, "--threads", _THREADS, "--log-level", "warning",
        ]  # fmt: skip
        server = subprocess.Popen(gunicorn, cwd=settings.BASE_DIR)  # noqa: S603 - our own server
        try:
            if server.wait():
                raise CommandError(f"The server stopped. Is port {port} in use? PORT=8001 chooses another one.")
        except KeyboardInterrupt:
            self._say("\nStopped.")
        finally:
            processes = [server, *workers, *([stripe] if stripe else [])]
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(timeout=35)

    def _start(self, *command: str) -> subprocess.Popen:
        return subprocess.Popen([sys.executable, str(settings.BASE_DIR / "manage.py"), *command])  # noqa: S603 - ours

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _needs_migration() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _static_is_collected() -> bool:
    """Whether nothing changed since static files were collected: neither ours, nor the packages that bring theirs."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        return False
    folders = [
        settings.BASE_DIR / app / "static" for app in ("marketplace", "catalog", "cms", "cooperatives", "search")
    ]
    sources = [source for folder in folders for source in folder.rglob("*")]
    newest = max(source.stat().st_mtime for source in [*sources, settings.BASE_DIR / "requirements" / "base.txt"])
    return manifest.stat().st_mtime > newest
