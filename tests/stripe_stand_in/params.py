"""Stripe's form encoding, and readers that refuse what Stripe refuses, in its words."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from .errors import StripeError

_PART = re.compile(r"[^\[\]]+|(?<=\[)(?=\])")
MAX_METADATA_KEYS, MAX_METADATA_KEY, MAX_METADATA_VALUE = 50, 40, 500


def decode(encoded: str) -> dict[str, Any]:
    """`a[b]=1&c[0][d]=2&e[]=3` as nested dicts and lists of strings."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        parts = _PART.findall(name) or [name]
        node = tree
        for part in parts[:-1]:
            key = part or str(len(node))
            node = node.setdefault(key, {})
            if not isinstance(node, dict):
                raise StripeError(f"Invalid object: {name}", param=name)
        node[parts[-1] or str(len(node))] = value
    return {key: _lists(value) for key, value in tree.items()}


def _lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(key.isdigit() for key in node):
        return [_lists(node[key]) for key in sorted(node, key=int)]
    return {key: _lists(value) for key, value in node.items()}


class Params:
    """Reads a mapping; `done` refuses what nobody read, as Stripe refuses unknown parameters."""

    def __init__(self, data: dict[str, Any], prefix: str = "") -> None:
        self.data = data
        self.prefix = prefix
        self._read: set[str] = set()

    def path(self, name: str) -> str:
        return f"{self.prefix}[{name}]" if self.prefix else name

    def raw(self, name: str, *, required: bool = False) -> Any:
        self._read.add(name)
        value = self.data.get(name)
        if value is None and required:
            raise StripeError(
                f"Missing required param: {self.path(name)}.", code="parameter_missing", param=self.path(name)
            )
        return value

    def text(self, name: str, *, required: bool = False, longest: int = 5000, among: Iterable[str] = ()) -> str | None:
        value = self.raw(name, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            raise StripeError(f"Invalid string: {value}", param=self.path(name))
        if value == "":
            raise StripeError(
                f"You passed an empty string for '{self.path(name)}'.",
                code="parameter_invalid_empty",
                param=self.path(name),
            )
        if len(value) > longest:
            raise StripeError(
                f"Invalid string: must be at most {longest} characters",
                code="parameter_invalid_string_length" if name != "client_reference_id" else None,
                param=self.path(name),
            )
        choices = list(among)
        if choices and value not in choices:
            raise StripeError(f"Invalid {self.path(name)}: must be one of {', '.join(choices)}", param=self.path(name))
        return value

    def must_text(self, name: str, *, longest: int = 5000, among: Iterable[str] = ()) -> str:
        return self.text(name, required=True, longest=longest, among=among) or ""

    def url(self, name: str, *, required: bool = False) -> str | None:
        value = self.text(name, required=required)
        if value is not None and not re.match(r"https?://[^\s/]+", value):
            raise StripeError("Not a valid URL", code="url_invalid", param=self.path(name))
        return value

    def integer(self, name: str, *, required: bool = False, least: int | None = None) -> int | None:
        value = self.raw(name, required=required)
        if value is None:
            return None
        if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise StripeError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=self.path(name))
        number = int(value)
        if least is not None and number < least:
            raise StripeError(
                f"This value must be greater than or equal to {least}.",
                code="parameter_invalid_integer",
                param=self.path(name),
            )
        return number

    def must_integer(self, name: str, *, least: int | None = None) -> int:
        return self.integer(name, required=True, least=least) or 0

    def boolean(self, name: str, *, default: bool = False) -> bool:
        value = self.text(name, among=("true", "false"))
        return default if value is None else value == "true"

    def sub(self, name: str, *, required: bool = False) -> "Params":
        value = self.raw(name, required=required)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise StripeError("Invalid object", param=self.path(name))
        return Params(value, self.path(name))

    def subs(self, name: str, *, most: int = 100) -> "list[Params]":
        values = self.raw(name, required=True)
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise StripeError("Invalid array", param=self.path(name))
        if len(values) > most:
            raise StripeError(f"You may only pass {most} {name}.", param=self.path(name))
        return [Params(value, f"{self.path(name)}[{index}]") for index, value in enumerate(values)]

    def texts(self, name: str) -> list[str]:
        values = self.raw(name)
        if values is None:
            return []
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise StripeError("Invalid array", param=self.path(name))
        return values

    def metadata(self) -> dict[str, str]:
        values = self.raw("metadata") or {}
        if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
            raise StripeError("Invalid object", param=self.path("metadata"))
        if len(values) > MAX_METADATA_KEYS:
            raise StripeError(f"You can only set up to {MAX_METADATA_KEYS} metadata keys.", param=self.path("metadata"))
        for key, value in values.items():
            if len(key) > MAX_METADATA_KEY or len(value) > MAX_METADATA_VALUE:
                raise StripeError(
                    f"Metadata keys can have up to {MAX_METADATA_KEY} characters, values up to {MAX_METADATA_VALUE}:"
                    f" '{key[:60]}'.",
                    param=self.path(f"metadata[{key[:60]}]"),
                )
        return {key: value for key, value in values.items() if value}

    def ignored(self, *names: str) -> None:
        """Stripe knows them; they change nothing that the stand-in shows."""
        self._read.update(names)

    def done(self) -> None:
        for name in self.data:
            if name not in self._read:
                raise StripeError(
                    f"Received unknown parameter: {self.path(name)}", code="parameter_unknown", param=self.path(name)
                )
