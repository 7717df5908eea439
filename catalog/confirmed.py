"""Stars and certificates in words: on cards, on the page of a listing, on the profile of a cooperative."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from cooperatives.certificates.models import Certificate, OcopRecognition

Data = dict[str, Any]


@dataclass(frozen=True)
class Fact:
    """A line below the heading of a certificate."""

    label: str
    text: str


@dataclass(frozen=True)
class Confirmation:
    """A certificate or a recognition as parts/confirmations.html shows it: closed, a title and an end; opened, its facts."""

    title: str
    until: str
    facts: list[Fact]
    is_ocop: bool = False


@lru_cache(maxsize=16)
def badge(stars: int, _language: str) -> str:
    """As "OCOP 4 stars"; kept by language, for a list prints many."""
    return _("OCOP %(stars)s stars") % {"stars": stars}


def recognition_words(recognition: OcopRecognition) -> str:
    """As "OCOP 4 stars · in force until 20/02/2026"."""
    return _("OCOP %(stars)s stars · in force until %(day)s") % {
        "stars": recognition.stars,
        "day": _day(recognition.ends_on),
    }


def of_recognition(recognition: OcopRecognition) -> Confirmation:
    facts = [
        Fact(_("Group of products"), recognition.original_group or recognition.get_group_display()),
        Fact(_("Decision"), f"{recognition.decision_number}, {_day(recognition.decided_on)}"),
        Fact(_("Decided by"), recognition.get_issuer_display()),
    ]
    if recognition.score is not None:
        facts.append(Fact(_("Score"), f"{recognition.score.normalize():f}".replace(".", ",")))
    stars = _("OCOP %(stars)s stars") % {"stars": recognition.stars}
    return Confirmation(
        # The stars are the product's: a profile must not read as if they were the cooperative's.
        title=f"{stars} · {recognition.product_name}",
        until=_until(recognition.ends_on),
        facts=_noted(facts, recognition.note),
        is_ocop=True,
    )


def of_certificate(certificate: Certificate) -> Confirmation:
    facts = [
        Fact(_("Number"), certificate.number),
        Fact(_("Issued by"), certificate.issuer),
        Fact(_("Issued on"), _day(certificate.issued_on)),
        Fact(_("Covers"), certificate.scope),
    ]
    return Confirmation(
        title=str(certificate.get_scheme_display()),
        until=_until(certificate.ends_on),
        facts=_noted(facts, certificate.note),
    )


def confirmations(recognitions: Iterable[OcopRecognition], certificates: Iterable[Certificate]) -> list[Confirmation]:
    return [*map(of_recognition, recognitions), *map(of_certificate, certificates)]


def certification_data(recognition: OcopRecognition | None, certificates: Iterable[Certificate]) -> list[Data]:
    """schema.org's Certification for each."""
    found = [_recognition_data(recognition)] if recognition else []
    return found + [
        {
            "@type": "Certification",
            "name": str(certificate.get_scheme_display()),
            "certificationIdentification": certificate.number,
            "issuedBy": {"@type": "Organization", "name": certificate.issuer},
            "validFrom": certificate.valid_from.isoformat(),
            **({"expires": certificate.ends_on.isoformat()} if certificate.ends_on else {}),
        }
        for certificate in certificates
    ]


def _recognition_data(recognition: OcopRecognition) -> Data:
    return {
        "@type": "Certification",
        "name": f"OCOP · {recognition.product_name}",
        "certificationIdentification": recognition.decision_number,
        "certificationRating": {"@type": "Rating", "ratingValue": recognition.stars, "bestRating": 5},
        "issuedBy": {"@type": "Organization", "name": str(recognition.get_issuer_display())},
        "validFrom": recognition.decided_on.isoformat(),
        "expires": recognition.ends_on.isoformat(),
    }


def _noted(facts: list[Fact], note: str) -> list[Fact]:
    return [*facts, Fact(_("Note"), note)] if note else facts


def _until(day: date | None) -> str:
    return _("in force until %(day)s") % {"day": _day(day)} if day else _("in force, without an end")


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
