"""How much of a stock record can be sold: the one place that says it, for pages, baskets and placing alike."""


def available_steps(num_in_stock: int | None, num_allocated: int | None) -> int | None:
    """Steps that are neither sold nor promised, never below 0; None where stock is not counted."""
    if num_in_stock is None:
        return None
    return max(0, num_in_stock - (num_allocated or 0))
