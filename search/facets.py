"""The numbers that stand for certificates in the index and in addresses."""

from collections.abc import Iterable

# By their position, which is stored: new ones are added at the end, and none is ever taken out.
SCHEMES = (
    "vietgap",
    "globalgap",
    "huu-co",
    "chuyen-doi-huu-co",
    "huu-co-quoc-te",
    "haccp",
    "iso22000",
    "attp",
    "cam-ket-attp",
    "tu-cong-bo",
    "chi-dan-dia-ly",
    "nhan-hieu",
    "ma-vung-trong",
    "ma-dong-goi",
)

_BITS = {scheme: 1 << position for position, scheme in enumerate(SCHEMES)}


def certificate_bits(schemes: Iterable[str]) -> int:
    """One bit for each of the schemes. Raises KeyError for one that SCHEMES lacks."""
    bits = 0
    for scheme in schemes:
        bits |= _BITS[scheme]
    return bits
