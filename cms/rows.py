"""Tables of dated rows below a registry form, and the views that save both together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db import models
from django.forms.models import BaseInlineFormSet, inlineformset_factory
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise, cached_property

from cms.forms import RegistryForm
from cms.permissions import units_answered_for, within_scope
from cms.units import unit_options
from cooperatives.models import Cooperative


class ScopedFormSet(BaseInlineFormSet):
    """Rows of a unit or a cooperative that the person does not answer for are shown, and stay as they are."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if form.instance.pk and self._is_foreign(form):
            for name, field in form.fields.items():
                field.disabled = name not in {"id", self.fk.name}

    def _is_foreign(self, form: Any) -> bool:
        allowed = units_answered_for(form.user, form.today)
        if allowed is None:
            return False
        if hasattr(form.instance, "unit_id"):
            return form.instance.unit_id not in allowed
        is_named = self.fk.name != "cooperative" and hasattr(form.instance, "cooperative_id")
        return is_named and form.instance.cooperative_id not in self._own_cooperatives

    @cached_property
    def _own_cooperatives(self) -> set[int]:
        named = Cooperative.objects.filter(pk__in=[row.cooperative_id for row in self.get_queryset()])
        return set(within_scope(named, self.form_kwargs["user"]).values_list("pk", flat=True))


@dataclass(frozen=True)
class Rows:
    """One table of rows: its heading, its model, the form of a row, and how many empty rows wait."""

    title: str | Promise
    model: type[models.Model]
    form: type[RegistryForm]
    empty: int = 1
    required: bool = False

    @property
    def prefix(self) -> str:
        return str(self.model._meta.model_name)

    def formset(
        self, *, parent: models.Model, request: HttpRequest, today: date, is_frozen: bool
    ) -> "BaseInlineFormSet[Any, Any, Any]":
        factory = inlineformset_factory(
            type(parent),
            self.model,
            form=self.form,
            formset=ScopedFormSet,
            extra=self.empty,
            can_delete=not is_frozen,
            can_delete_extra=False,
            min_num=1 if self.required else 0,
            validate_min=self.required,
            max_num=200,
        )
        return factory(
            data=request.POST if request.method == "POST" else None,
            instance=parent,
            prefix=self.prefix,
            queryset=_ordered(self.model),
            form_kwargs={"user": request.user, "today": today, "is_frozen": is_frozen},
        )


def _ordered(model: type[models.Model]) -> models.QuerySet:
    rows = model._default_manager.order_by("valid_from", "pk")  # noqa: SLF001
    related = [name for name in ("unit", "cooperative") if name in {field.name for field in model._meta.fields}]
    return rows.select_related(*related) if related else rows


class RegistryFormMixin:
    """Gives a create or edit view's form the person and the day, and says which rows are frozen."""

    request: HttpRequest

    @cached_property
    def today(self) -> date:
        return timezone.localdate()

    def is_frozen(self, instance: models.Model | None) -> bool:
        return instance is not None and instance.pk is not None

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()  # type: ignore[misc]
        frozen = self.is_frozen(kwargs.get("instance"))
        return {**kwargs, "user": self.request.user, "today": self.today, "is_frozen": frozen}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {**context, "unit_options": unit_options(self.request.user, self.today)}


class WithRowsMixin(RegistryFormMixin):
    """Saves a form and its tables of rows in one transaction, or nothing."""

    rows: Sequence[Rows] = ()

    def is_frozen_row(self, instance: models.Model) -> bool:
        return self.is_frozen(instance)

    def formsets_for(self, form: forms.ModelForm) -> "list[BaseInlineFormSet[Any, Any, Any]]":
        if not hasattr(self, "_formsets"):
            frozen = self.is_frozen_row(form.instance)
            self._formsets = [
                rows.formset(parent=form.instance, request=self.request, today=self.today, is_frozen=frozen)
                for rows in self.rows
            ]
        return self._formsets

    def is_valid(self, form: forms.ModelForm) -> bool:
        form_is_valid = super().is_valid(form)  # type: ignore[misc]
        # Every table is checked, so that all messages come at once.
        tables = [formset.is_valid() for formset in self.formsets_for(form)]
        if form_is_valid and not all(tables):
            self.produced_error_code = "validation_error"
            self.produced_error_message = self.get_error_message()  # type: ignore[attr-defined]
        return form_is_valid and all(tables)

    def save_instance(self) -> models.Model:
        instance = super().save_instance()  # type: ignore[misc]
        for formset in self._formsets:
            formset.instance = instance
            formset.save()
        return instance

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        formsets = self.formsets_for(context["form"])
        return {**context, "tables": list(zip([rows.title for rows in self.rows], formsets, strict=True))}
