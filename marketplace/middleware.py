"""The strict content security policy holds everywhere but under the two administrations, whose pages nobody stores."""

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_INLINE
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

# Wagtail's and Oscar's administrations carry inline scripts and styles, and show previews of our pages in frames.
_ADMIN_POLICY = {
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "frame-ancestors": [SELF],
}


class AdminPolicyMiddleware:
    """Stands inside CSPMiddleware, which reads what the response asks for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith(settings.ADMIN_URL_PREFIXES):
            # Oscar's dashboard says nothing about caches, and shows buyers' names and addresses.
            if not response.has_header("Cache-Control"):
                add_never_cache_headers(response)
            response._csp_replace = _ADMIN_POLICY  # type: ignore[attr-defined]  # noqa: SLF001 - django-csp's own seam
        return response
