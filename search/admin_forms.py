"""Forms of what editors add to search."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from wagtail.models import Page, Site

from cms.forms import RegistryForm, RegistryMeta
from marketplace.common.text import clean_text
from search import promotions, synonyms
from search.models import PromotedResult, Synonym
from search.terms import words_of


class LinesField(forms.CharField):
    """Short texts, one a line, each cleaned and each once."""

    widget = forms.Textarea

    def __init__(self, *, most: int, longest: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most, self.longest = most, longest
        self.widget.attrs.setdefault("rows", 4)

    def clean(self, value: Any) -> str:
        lines: dict[str, str] = {}
        for line in map(clean_text, super().clean(value).splitlines()):
            if line:
                lines.setdefault(_key(line), line)
        if not lines:
            raise ValidationError(_("Write at least one line."), code="required")
        if len(lines) > self.most:
            raise ValidationError(_("At most %(most)s lines."), code="too_many", params={"most": self.most})
        for key, line in lines.items():
            self._check(key, line)
        return "\n".join(lines.values())

    def _check(self, key: str, line: str) -> None:
        if not key:
            raise ValidationError(_("“%(line)s” has no letter and no digit."), code="no_word", params={"line": line})
        if len(line) > self.longest:
            raise ValidationError(
                _("“%(line)s…” is too long: at most %(longest)s characters a line."),
                code="too_long",
                params={"line": line[:30], "longest": self.longest},
            )


class SynonymForm(RegistryForm):
    phrase = forms.CharField(
        label=_("Word or phrase"),
        max_length=synonyms.MAXIMUM_PHRASE,
        help_text=_("As it stands in titles of goods. Without marks it means the word with any marks."),
    )
    equivalents = LinesField(
        most=synonyms.MAXIMUM_EQUIVALENTS,
        longest=synonyms.MAXIMUM_PHRASE,
        label=_("Means the same"),
        help_text=_("Local names, other names, common misspellings; one a line, at most 20."),
    )

    class Meta(RegistryMeta):
        model = Synonym
        fields = ["phrase", "equivalents", "is_two_way"]
        help_texts = {"is_two_way": _("Who asks for the phrase also finds what is called by the names below.")}

    def clean_phrase(self) -> str:
        phrase = clean_text(self.cleaned_data["phrase"])
        count = len(words_of(phrase))
        if not count:
            raise ValidationError(_("Write a word: letters or digits."), code="no_word")
        if count > synonyms.MAXIMUM_PHRASE_WORDS:
            raise ValidationError(
                _("At most %(most)s words."), code="too_many_words", params={"most": synonyms.MAXIMUM_PHRASE_WORDS}
            )
        others = Synonym.objects.exclude(pk=self.instance.pk).values_list("phrase", flat=True)
        if _key(phrase) in map(_key, others):
            raise ValidationError(_("There is an entry for this phrase: add to that one."), code="unique")
        return phrase

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        phrase = _key(cleaned.get("phrase") or "")
        if phrase and phrase in map(_key, (cleaned.get("equivalents") or "").splitlines()):
            self.add_error("equivalents", ValidationError(_("A line repeats the phrase itself."), code="same"))
        return cleaned

    def save(self, commit: bool = True) -> Synonym:  # noqa: FBT001, FBT002 - Django's signature
        synonyms.save(self.instance)
        return self.instance


class PromotedResultForm(RegistryForm):
    questions = LinesField(
        most=promotions.MAXIMUM_QUESTIONS,
        longest=100,
        label=_("Questions"),
        help_text=_("What people type, one a line; marks do not matter. The whole question must be the same."),
    )

    class Meta(RegistryMeta):
        model = PromotedResult
        fields = ["title", "description", "link", "questions", "is_shown"]
        help_texts = {"link": _("A page of this site, as /tro-giup/, or a whole address that begins with https://.")}

    def clean_link(self) -> str:
        link = self.cleaned_data["link"].strip()
        if not is_reachable(link):
            raise ValidationError(
                _("Nothing is there. Write a page of this site, as /tro-giup/, or an address with https://."),
                code="unknown",
            )
        return link

    def save(self, commit: bool = True) -> PromotedResult:  # noqa: FBT001, FBT002 - Django's signature
        promotions.save(self.instance)
        return self.instance


def is_reachable(link: str) -> bool:
    """An address elsewhere is believed; a path of ours must lead to one of our routes, or to a published page."""
    if any(not letter.isprintable() or letter.isspace() for letter in link):
        return False
    parts = urlsplit(link)
    if parts.scheme:
        return parts.scheme == "https" and bool(parts.hostname)
    if not link.startswith("/") or link.startswith("//"):
        return False
    try:
        # Whatever the language of the editor is: links are kept in the site's.
        with override(settings.LANGUAGE_CODE):
            found = resolve(parts.path)
    except Resolver404:
        return False
    if found.view_name != "wagtail_serve":
        return True
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    root = site.root_page.url_path if site else "/"
    return Page.objects.live().filter(url_path=f"{root}{parts.path.lstrip('/')}".rstrip("/") + "/").exists()


def _key(line: str) -> str:
    """What tells two lines apart: their words, with marks."""
    return " ".join(word.marked for word in words_of(line))
