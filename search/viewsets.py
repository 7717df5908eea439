"""Synonyms and promoted results in Wagtail's administration, under the menu "Search words"."""

from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.viewsets.model import ModelViewSetGroup

from cms.tables import RegistryViewSet
from cms.views import RegistryDeleteView, RegistryEditView
from search import synonyms
from search.admin_forms import PromotedResultForm, SynonymForm
from search.models import PromotedResult, Synonym


class OpenEditView(RegistryEditView):
    """Nothing of these is evidence: all of it may be rewritten."""

    def is_frozen(self, instance: Model | None) -> bool:
        return False


class SynonymDeleteView(RegistryDeleteView):
    def delete_action(self) -> None:
        synonyms.delete(self.object)


class SynonymViewSet(RegistryViewSet):
    model = Synonym
    icon = "link"
    form_class = SynonymForm
    edit_view_class = OpenEditView
    delete_view_class = SynonymDeleteView
    list_display = [
        "phrase",
        Column("equivalents", label=_("Means the same"), accessor=lambda synonym: ", ".join(synonym.equivalent_list)),
        BooleanColumn("is_two_way", label=_("Both ways")),
    ]
    list_export = ["phrase", "equivalents", "is_two_way"]
    search_fields = ["phrase", "equivalents"]
    export_filename = "tu-dong-nghia"


class PromotedResultViewSet(RegistryViewSet):
    model = PromotedResult
    icon = "pick"
    form_class = PromotedResultForm
    edit_view_class = OpenEditView
    list_display = [
        "title",
        Column("questions", label=_("Questions"), accessor=lambda result: ", ".join(result.question_list)),
        "link",
        BooleanColumn("is_shown", label=_("Shown")),
    ]
    list_export = ["title", "description", "link", "questions", "is_shown"]
    search_fields = ["title", "questions"]
    export_filename = "goi-y-tim-kiem"


class SearchGroup(ModelViewSetGroup):
    menu_label = _("Search words")
    menu_name = "tim-kiem"
    menu_icon = "search"
    menu_order = 130
    items = (SynonymViewSet("tu-dong-nghia"), PromotedResultViewSet("goi-y"))
