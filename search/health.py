"""How the site is: for a load balancer, for whoever watches over it, and in figures for Prometheus.

Without the database there is no shop, and without the cache no limit on guessing passwords: those fail. All else is a
warning, since the shop goes on without it.
"""

import asyncio
import secrets
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from health_check.base import HealthCheck, HealthCheckResult
from health_check.checks import Cache, Database
from health_check.exceptions import ServiceWarning
from health_check.views import HealthCheckView
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from marketplace.outbox.models import OutboxMessage
from search import engines, feeding
from search.models import IndexChange, ListingDocument

# run_due passes every minute: what has waited for longer than this waits for a worker that is not there.
PATIENCE = timedelta(minutes=5)
ENGINE_BACKLOG = 10_000
# For people; programs are told the names of the checks and states.
_LABELS = {
    "Database": _("Database"),
    "Cache": _("Cache"),
    "SearchEngine": _("Search engine"),
    "SearchBacklog": _("Changes that wait for the index"),
    "Outbox": _("Messages that wait to be sent"),
}
_STATES = {"ok": _("in order"), "warning": _("needs a look"), "error": _("out of order")}


@dataclass(frozen=True)
class Waiting:
    """How many there are, and since when the first."""

    count: int
    oldest: datetime | None

    def seconds(self, now: datetime) -> float:
        return max((now - self.oldest).total_seconds(), 0.0) if self.oldest else 0.0


def index_changes() -> Waiting:
    return Waiting(**IndexChange.objects.aggregate(count=Count("pk"), oldest=Min("at")))


def outgoing_messages() -> Waiting:
    unsent = OutboxMessage.objects.filter(sent_at__isnull=True)
    return Waiting(**unsent.aggregate(count=Count("pk"), oldest=Min("created_at")))


class OwnCheck(HealthCheck):
    """A check that asks the database, on the request's own connection."""

    async def run(self) -> None:
        await sync_to_async(self.examine)(timezone.now())

    @abstractmethod
    def examine(self, now: datetime) -> None:
        """Raises ServiceWarning for what somebody should look at."""


class SearchEngine(OwnCheck):
    def examine(self, now: datetime) -> None:
        health = engines.current().health()
        if not health.is_usable:
            raise ServiceWarning(health.note or f"{health.name} has no index")
        if health.backlog > ENGINE_BACKLOG:
            raise ServiceWarning(f"{health.name} has not heard of {health.backlog} changes")


class SearchBacklog(OwnCheck):
    def examine(self, now: datetime) -> None:
        _complain("changes wait for the index", index_changes(), now)


class Outbox(OwnCheck):
    def examine(self, now: datetime) -> None:
        _complain("messages wait to be sent", outgoing_messages(), now)


def _complain(what: str, waiting: Waiting, now: datetime) -> None:
    if (seconds := waiting.seconds(now)) > PATIENCE.total_seconds():
        raise ServiceWarning(f"{waiting.count} {what}, the first for {seconds / 60:.0f} minutes")


class HealthView(HealthCheckView):
    """200 as long as the shop works, 500 otherwise; as HTML, or as JSON with `?format=json`."""

    results: list[HealthCheckResult]

    async def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.results = await asyncio.gather(*(check.get_result() for check in self.get_checks()))
        told = [(type(result.check).__name__, state_of(result), note_of(result)) for result in self.results]
        status = 500 if any(row[1] == "error" for row in told) else 200
        if request.GET.get("format") == "json" or not request.accepts("text/html"):
            return JsonResponse({name: {"state": state, "note": note} for name, state, note in told}, status=status)
        # Without the request: what the other pages' frame needs may be what has failed.
        shown = [(_LABELS.get(name, name), _STATES[state], note) for name, state, note in told]
        return HttpResponse(render_to_string("search/health.html", {"told": shown}), status=status)


def state_of(result: HealthCheckResult) -> str:
    if result.error is None:
        return "ok"
    return "warning" if isinstance(result.error, ServiceWarning) else "error"


def note_of(result: HealthCheckResult) -> str:
    return str(result.error.message) if result.error else ""


health_view = HealthView.as_view(checks=[Database, Cache, SearchEngine, SearchBacklog, Outbox])


class SiteCollector(Collector):
    """What the database knows, read at the moment of asking; the circuit is this process's own."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = timezone.now()
        changes, messages = index_changes(), outgoing_messages()
        figures = {
            "search_documents": ("Listings in the index", self._documents()),
            "search_changes_waiting": ("Changes that the index has yet to read", changes.count),
            "search_oldest_change_seconds": ("How long the first of them has waited", changes.seconds(now)),
            "search_elastic_backlog": ("Changes that Elasticsearch has not heard of", self._backlog()),
            "search_circuit_open": ("1 while Elasticsearch is left alone", self._circuit()),
            "outbox_messages_waiting": ("Messages not sent yet", messages.count),
            "outbox_oldest_message_seconds": ("How long the first of them has waited", messages.seconds(now)),
        }
        for name, (meaning, figure) in figures.items():
            yield GaugeMetricFamily(f"market_{name}", meaning, value=float(figure))

    def _documents(self) -> int:
        return ListingDocument.objects.filter(is_removed=False).count()

    def _backlog(self) -> int:
        return feeding.backlog() if feeding.is_wanted() else 0

    def _circuit(self) -> bool:
        engine = engines.current()
        return isinstance(engine, engines.GuardedBackend) and engine.circuit.is_open


@require_safe
def metrics_view(request: HttpRequest) -> HttpResponse:
    """For whoever shows METRICS_TOKEN; for everybody else there is no such page."""
    shown = request.headers.get("Authorization", "").encode()
    if not settings.METRICS_TOKEN or not secrets.compare_digest(shown, f"Bearer {settings.METRICS_TOKEN}".encode()):
        raise Http404
    registry = CollectorRegistry()
    registry.register(SiteCollector())
    answer = HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    answer["Cache-Control"] = "no-store"
    return answer
