"""The search index: what changed, what is indexed, and its words. All of it can be made anew from the other tables."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# One more whenever terms, documents or their layout are made in another way: older indexes are made anew.
INDEX_VERSION = 4
# A rebuild that has not been heard of for so long is dead.
BUILDING_FOR = timedelta(minutes=5)


class IndexChange(models.Model):
    """Something that the index has yet to read again; written by triggers, in the transaction of the change."""

    class Kind(models.TextChoices):
        LISTING = "listing", _("Listing")
        PARCEL = "parcel", _("Parcel")
        COMMODITY = "commodity", _("Commodity")
        CATEGORY = "category", _("Category")
        COOPERATIVE = "cooperative", _("Cooperative")
        UNIT = "unit", _("Administrative unit")
        PAGE = "page", _("Page")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    object_id = models.BigIntegerField(_("key"))
    at = models.DateTimeField(_("at"), db_default=Now())

    class Meta:
        verbose_name = _("change for the index")
        verbose_name_plural = _("changes for the index")

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class IndexState(models.Model):
    """One row: how far the index is. Readers keep what they have loaded as long as generation and number stand."""

    # A rebuild begins another.
    generation = models.UUIDField(_("generation"), default=uuid.uuid4)
    # The highest number given to a document; each change of one takes the next.
    seq = models.BigIntegerField(_("number"), default=0)
    # Of the words and of the things with a name, which are loaded whole.
    names_seq = models.BigIntegerField(_("number of the names"), default=0)
    # The layout and the rules that documents were made with; an older index is made anew.
    version = models.PositiveSmallIntegerField(_("version"), default=0)
    built_at = models.DateTimeField(_("built at"), null=True)
    changed_at = models.DateTimeField(_("changed at"), null=True)
    # When a rebuild last said that it goes on: until it ends, nobody else writes.
    building_at = models.DateTimeField(_("being built at"), null=True)
    # The last day on which it was noted what begins and ends by itself.
    looked_on = models.DateField(_("looked through on"), null=True)
    # What Elasticsearch has heard of, and in which of its indexes.
    elastic_seq = models.BigIntegerField(_("number in Elasticsearch"), default=0)
    elastic_generation = models.UUIDField(_("generation in Elasticsearch"), null=True)

    class Meta:
        verbose_name = _("state of the index")
        verbose_name_plural = _("state of the index")

    def __str__(self) -> str:
        return f"{self.generation}: {self.seq}"

    @property
    def is_usable(self) -> bool:
        """Whether searches may read the index: it is complete, and made by the rules of this version."""
        return self.version == INDEX_VERSION

    @property
    def is_being_built(self) -> bool:
        # The clock of the machine, not the caller's: it tells a dead process from a living one.
        return self.building_at is not None and self.building_at > timezone.now() - BUILDING_FOR

    @property
    def is_left_unfinished(self) -> bool:
        """Whether a rebuild died: documents and text tables may differ, and another has to come."""
        return self.building_at is not None and not self.is_being_built

    @property
    def elastic_backlog(self) -> int:
        """How many changes Elasticsearch has not heard of."""
        return self.seq - (self.elastic_seq if self.elastic_generation == self.generation else 0)


class ListingDocument(models.Model):
    """A public listing as search knows it; one that is no longer public stays for a while, removed.

    `slot` is a small dense number, the position in the arrays that facets are counted in.
    """

    slot = models.PositiveIntegerField(primary_key=True)
    # No foreign key: the document is to outlive its listing until every engine has heard of it.
    listing_id = models.BigIntegerField(_("listing"), unique=True)
    seq = models.BigIntegerField(_("number"), db_index=True)
    is_removed = models.BooleanField(_("removed"), default=False)
    # Separated by spaces (see search.terms).
    terms = models.TextField(_("terms"))
    category = models.BigIntegerField(_("category"), default=0)
    commodity = models.BigIntegerField(_("commodity"), default=0)
    commune = models.BigIntegerField(_("commune"), default=0)
    cooperative = models.BigIntegerField(_("cooperative"), default=0)
    stars = models.PositiveSmallIntegerField(_("OCOP stars"), default=0)
    # One bit for each scheme of search.facets.SCHEMES.
    certificates = models.PositiveIntegerField(_("certificates"), default=0)
    # VND per displayed unit, per kilogram where the weight is known.
    price = models.BigIntegerField(_("price (VND)"), default=0)
    season_months = models.PositiveSmallIntegerField(_("season"), default=0)
    is_in_stock = models.BooleanField(_("in stock"), default=False)
    quality = models.PositiveSmallIntegerField(_("quality"), default=0)
    # Seconds since 1970.
    published = models.BigIntegerField(_("first on sale at"), default=0)
    # The next day on which the document changes though nobody changes anything: a season, a certificate, a delivery
    # that is no longer recent.
    stale_on = models.DateField(_("made anew on"), null=True, db_index=True)

    class Meta:
        verbose_name = _("listing in the index")
        verbose_name_plural = _("listings in the index")
        # Slots that are free again are looked for by it.
        indexes = [models.Index(fields=["slot"], condition=models.Q(is_removed=True), name="search_removed_idx")]

    def __str__(self) -> str:
        return str(self.listing_id)


class NamedEntry(models.Model):
    """A thing with a name that search finds beside listings: some thousands of rows, which every process holds."""

    class Kind(models.TextChoices):
        COMMODITY = "commodity", _("Commodity")
        CATEGORY = "category", _("Category")
        COOPERATIVE = "cooperative", _("Cooperative")
        COMMUNE = "commune", _("Commune")
        PAGE = "page", _("Page")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    object_id = models.BigIntegerField(_("key"))
    label = models.CharField(_("label"), max_length=200)
    # As a commune's province, or its former name.
    detail = models.CharField(_("detail"), max_length=200, blank=True)
    url = models.CharField(_("address"), max_length=300)
    terms = models.TextField(_("terms"))
    # More listings, more weight.
    weight = models.PositiveIntegerField(_("weight"), default=0)

    class Meta:
        verbose_name = _("name in the index")
        verbose_name_plural = _("names in the index")
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="search_entry_once")]

    def __str__(self) -> str:
        return self.label


class IndexedWord(models.Model):
    """A word of the index without marks, how it is mostly written, and in how many documents it stands."""

    word = models.CharField(_("word"), max_length=120, primary_key=True)
    written = models.CharField(_("as written"), max_length=120)
    documents = models.PositiveIntegerField(_("documents"))

    class Meta:
        verbose_name = _("word of the index")
        verbose_name_plural = _("words of the index")

    def __str__(self) -> str:
        return self.written


# The models of what editors and buyers add to search.
from search.models_promotions import PromotedQuestion, PromotedResult  # noqa: E402, F401
from search.models_saved import SavedSearch  # noqa: E402, F401
from search.models_synonyms import Synonym  # noqa: E402, F401
from search.models_tallies import ClickTally, SearchTally  # noqa: E402, F401
