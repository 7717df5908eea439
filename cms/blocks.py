"""The stream blocks of our pages. Live blocks hold a choice; their data come from selectors when rendered."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

TEXT_FEATURES = ["bold", "italic", "ol", "ul", "link"]


class ListingsBlock(blocks.StructBlock):
    """Listings on sale now: in season first, then the newest."""

    heading = blocks.CharBlock(max_length=80, label=_("Heading"))
    scope = blocks.ChoiceBlock(
        choices=[("season", _("In season now")), ("newest", _("Newest"))], default="season", label=_("Which listings")
    )
    count = blocks.IntegerBlock(min_value=2, max_value=12, default=8, label=_("How many"))

    class Meta:
        icon = "tag"
        label = _("Live listings")
        template = "cms/blocks/listings.html"


class CommunesBlock(blocks.StructBlock):
    """Communes that sell most now."""

    heading = blocks.CharBlock(max_length=80, label=_("Heading"))
    count = blocks.IntegerBlock(min_value=2, max_value=12, default=6, label=_("How many"))

    class Meta:
        icon = "site"
        label = _("Communes")
        template = "cms/blocks/communes.html"


class CooperativesBlock(blocks.StructBlock):
    """Cooperatives with listings on sale."""

    heading = blocks.CharBlock(max_length=80, label=_("Heading"))
    count = blocks.IntegerBlock(min_value=2, max_value=12, default=6, label=_("How many"))

    class Meta:
        icon = "group"
        label = _("Cooperatives")
        template = "cms/blocks/cooperatives.html"


class CoverageFigureBlock(blocks.StructBlock):
    """One sentence and one figure about linkage, with its date."""

    heading = blocks.CharBlock(max_length=80, label=_("Heading"))

    class Meta:
        icon = "view"
        label = _("Linkage figure")
        template = "cms/blocks/coverage_figure.html"


class StepsBlock(blocks.StructBlock):
    """How something works, in a few short lines."""

    heading = blocks.CharBlock(max_length=80, label=_("Heading"))
    steps = blocks.ListBlock(blocks.CharBlock(max_length=160), min_num=1, max_num=5, label=_("Steps"))

    class Meta:
        icon = "list-ol"
        label = _("How it works")
        template = "cms/blocks/steps.html"


class HomeStreamBlock(blocks.StreamBlock):
    listings = ListingsBlock()
    communes = CommunesBlock()
    cooperatives = CooperativesBlock()
    coverage_figure = CoverageFigureBlock()
    steps = StepsBlock()
    text = blocks.RichTextBlock(features=TEXT_FEATURES, label=_("Text"))


class ProfileStreamBlock(blocks.StreamBlock):
    text = blocks.RichTextBlock(features=TEXT_FEATURES, label=_("Text"))
    picture = ImageChooserBlock(label=_("Picture"), template="cms/blocks/picture.html")
