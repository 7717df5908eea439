"""Pages that editors write around live listings, communes and cooperatives."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from cms.blocks import HomeStreamBlock, ProfileStreamBlock
from cooperatives.models import Cooperative
from marketplace.common.validity import DatedRow

RICH_TEXT_FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link"]


class HomePage(Page):
    """The front page: what is in season, who sells it, and one figure about linkage."""

    headline = models.CharField(_("headline"), max_length=120)
    introduction = models.CharField(_("introduction"), max_length=300, blank=True)
    body = StreamField(HomeStreamBlock(), verbose_name=_("body"), blank=True)

    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("headline"),
        FieldPanel("introduction"),
        FieldPanel("body"),
    ]
    parent_page_types: ClassVar = ["wagtailcore.Page"]
    max_count = 1

    class Meta:
        verbose_name = _("home page")


class CooperativeIndexPage(Page):
    """All cooperatives; their profiles are its children."""

    introduction = models.CharField(_("introduction"), max_length=300, blank=True)

    content_panels: ClassVar = [*Page.content_panels, FieldPanel("introduction")]
    parent_page_types: ClassVar = ["cms.HomePage"]
    subpage_types: ClassVar = ["cms.CooperativePage"]
    max_count = 1

    class Meta:
        verbose_name = _("list of cooperatives")


class CooperativePage(Page):
    """A cooperative's own page: its words and pictures here, its facts and listings from the registry."""

    cooperative = models.OneToOneField(
        Cooperative, models.PROTECT, related_name="profile_page", verbose_name=_("cooperative")
    )
    tagline = models.CharField(_("tagline"), max_length=160, blank=True)
    cover = models.ForeignKey(
        "wagtailimages.Image", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("cover picture")
    )
    body = StreamField(ProfileStreamBlock(), verbose_name=_("body"), blank=True)

    content_panels: ClassVar = [
        # Plain, because its address does not follow its title.
        FieldPanel("title"),
        # A cooperative's own editor does not move the page to another cooperative, nor to another address.
        FieldPanel("cooperative", permission="cms.add_cooperativepage"),
        FieldPanel("tagline"),
        FieldPanel("cover"),
        FieldPanel("body"),
    ]
    promote_panels: ClassVar = [FieldPanel("seo_title"), FieldPanel("search_description")]
    settings_panels: ClassVar[list] = []
    parent_page_types: ClassVar = ["cms.CooperativeIndexPage"]
    subpage_types: ClassVar[list] = []

    class Meta:
        verbose_name = _("cooperative's profile")


class TextPage(Page):
    """A page of plain text: about, operating rules, help."""

    body = RichTextField(_("body"), features=RICH_TEXT_FEATURES)

    content_panels: ClassVar = [*Page.content_panels, FieldPanel("body")]

    class Meta:
        verbose_name = _("text page")


class OfficialScope(DatedRow):
    """A unit that an official answers for: a province, or one commune. It limits what they see in the registry."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="official_scopes", verbose_name=_("official")
    )
    unit = models.ForeignKey(
        "places.AdministrativeUnit", models.PROTECT, related_name="+", verbose_name=_("administrative unit")
    )

    class Meta(DatedRow.Meta):
        abstract = False
        verbose_name = _("official's area")
        verbose_name_plural = _("officials' areas")
        permissions: ClassVar = [
            ("see_every_unit", _("Can see the registry of every unit")),
            ("decide_on_linkages", _("Can verify, suspend and end linkage models")),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.unit}"
