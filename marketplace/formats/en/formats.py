"""English pages keep the country's own dates and numbers: prices are đồng whatever the language."""

from marketplace.formats.vi.formats import *  # noqa: F403
