"""The pages that editors write, as the index reads them, and what tells it that they have changed."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import CharField, TextField
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page, PageViewRestriction
from wagtail.rich_text import get_text_for_indexing

from cms.models import CooperativePage, HomePage
from search.models import IndexChange


def public_pages(keys: Collection[int] | None = None) -> list[Page]:
    """Live pages that anyone may read, with the columns of their kind; cooperatives' profiles are theirs to name,
    and the front page, which speaks of everything, is no answer to anything.

    One query and one for each kind of page.
    """
    pages = Page.objects.live().public().filter(depth__gt=1).not_type(CooperativePage, HomePage)
    return list((pages if keys is None else pages.filter(pk__in=keys)).order_by().specific())


def address_of(page: Page) -> str:
    """The page's path on its site; empty for one outside of every site."""
    parts = page.get_url_parts()
    return parts[2] if parts and parts[2] else ""


def page_texts(page: Page) -> list[str]:
    """What its editors wrote in it, below its title."""
    found = [page.search_description]
    for field in type(page)._meta.local_concrete_fields:
        if isinstance(field, CharField | TextField | StreamField):
            found += _texts_in(field, field.value_from_object(page))
    return [text for text in found if text]


def _texts_in(field: Any, value: Any) -> list[str]:
    if isinstance(field, StreamField):
        return [get_text_for_indexing(text) for text in field.get_searchable_content(value)]
    return [get_text_for_indexing(value) if isinstance(field, RichTextField) else value or ""]


# -- Signals ----------------------------------------------------------------------------------------------------------
# Pages change through Wagtail alone, and their addresses hang on its tree.


def note_page(instance: Page, **_kwargs: Any) -> None:
    """The page was published, taken back, moved or deleted: its own texts, and the addresses below it."""
    note_pages([instance.pk, *instance.get_descendants().values_list("pk", flat=True)])
    profile = CooperativePage.objects.filter(pk=instance.pk).values_list("cooperative", flat=True).first()
    if profile:
        IndexChange.objects.create(kind=IndexChange.Kind.COOPERATIVE, object_id=profile)


def note_restriction(instance: PageViewRestriction, **_kwargs: Any) -> None:
    note_page(instance.page)


def note_pages(keys: Iterable[int]) -> None:
    IndexChange.objects.bulk_create(IndexChange(kind=IndexChange.Kind.PAGE, object_id=key) for key in keys)


def connect() -> None:
    from django.db.models.signals import post_delete, post_save, pre_delete
    from wagtail.signals import page_published, page_unpublished, post_page_move

    for signal in (page_published, page_unpublished, post_page_move):
        signal.connect(note_page, dispatch_uid=f"search.pages.{id(signal)}")
    pre_delete.connect(_note_deleted, dispatch_uid="search.pages.deleted")
    for changed in (post_save, post_delete):
        changed.connect(note_restriction, sender=PageViewRestriction)


def _note_deleted(sender: type, instance: Any, **_kwargs: Any) -> None:
    if issubclass(sender, Page):
        note_page(instance)
