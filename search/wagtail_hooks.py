"""Plugs what editors add to search into Wagtail's administration."""

from wagtail import hooks

from search.viewsets import SearchGroup


@hooks.register("register_admin_viewset")
def search_group() -> SearchGroup:
    return SearchGroup()
