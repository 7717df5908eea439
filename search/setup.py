"""What the search needs beyond its models."""

from search import tables


def ensure_tables(**_kwargs: object) -> None:
    """Makes the text tables after the migrations."""
    tables.create()
