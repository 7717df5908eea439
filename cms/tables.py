"""What the tables and forms of the registry have in common."""

from wagtail.admin.ui.tables import DateColumn
from wagtail.admin.viewsets.model import ModelViewSet

from cms import forms, views


class DayColumn(DateColumn):
    """A day as dd/mm/yyyy, not as "3 months ago"."""

    cell_template_name = "cms/registry/day_cell.html"


class RegistryViewSet(ModelViewSet):
    index_view_class = views.RegistryIndexView
    add_view_class = views.RegistryCreateView
    edit_view_class = views.RegistryEditView
    delete_view_class = views.RegistryDeleteView
    history_view_class = views.RegistryHistoryView
    usage_view_class = views.RegistryUsageView
    form_class: type[forms.RegistryForm]
    related: tuple[str, ...] = ()
    copy_view_enabled = False
    # Nothing of the registry is used by pages: an index of references would cost a task for each save.
    add_to_reference_index = False
    list_per_page = 50

    def get_form_class(self, for_update: bool = False) -> type[forms.RegistryForm]:  # noqa: FBT001, FBT002 - Wagtail's
        return self.form_class

    def get_index_view_kwargs(self, **kwargs: object) -> dict[str, object]:
        given = {"related": self.related} if self.related else {}
        return super().get_index_view_kwargs(**{**given, **kwargs})
