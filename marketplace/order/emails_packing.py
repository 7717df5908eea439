"""The messages about what was packed: a weight that the buyer is asked about, the answer, another total."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.common.dates import local_day
from marketplace.common.money import format_vnd
from marketplace.common.quantities import format_quantity
from marketplace.order import texts
from marketplace.order.evidence import contact_email
from marketplace.order.letters import CLERKS_LANGUAGE, clerks_of, letter, site
from marketplace.order.links import order_url
from marketplace.order.models import Order, Parcel, WeightConsent
from marketplace.outbox.services import Email, Text

_signer = Signer(salt="marketplace.order.weight")


def consent_key(consent: WeightConsent) -> str:
    return _signer.sign(str(consent.pk))


def consent_url(consent: WeightConsent) -> str:
    """The signed address of the question, good without logging in."""
    return settings.SITE_URL.rstrip("/") + reverse("order:weight", kwargs={"key": consent_key(consent)})


def consent_by_key(key: str) -> WeightConsent | None:
    """The question that a signed address names; None for a forged one."""
    try:
        pk = _signer.unsign(key)
    except BadSignature:
        return None
    consents = WeightConsent.objects.select_related("line__parcel__cooperative", "line__parcel__order")
    return consents.filter(pk=pk).first()


def asked(order: Order, parcel: Parcel, consents: Sequence[WeightConsent]) -> Sequence[Email | Text]:
    """To the buyer, a question for each weight: by text message without an e-mail address."""
    recipient = contact_email(order)
    if not recipient:
        return [text for consent in consents for text in _question_by_text(order, parcel, consent)]
    with translation.override(order.language):
        return [_question(order, parcel, consent, recipient) for consent in consents]


def answered(parcel: Parcel, consent: WeightConsent, now: datetime) -> list[Email]:
    """To the cooperative: how much is to be packed."""
    recipients = clerks_of({parcel.cooperative_id: parcel.cooperative}, local_day(now))[parcel.cooperative_id]
    line = consent.line
    with translation.override(CLERKS_LANGUAGE):
        said = {
            "number": parcel.number.upper(),
            "title": line.title,
            "weight": format_quantity(line.packed_units or line.units, line.sale_unit),
            "answer": str(consent.get_answer_display()).lower(),
        }
        subject = _("Parcel %(number)s: pack %(weight)s of %(title)s") % said
        context = {
            "sentences": [
                _("The buyer's answer: %(answer)s. Pack %(weight)s of %(title)s, then press “Packed”.") % said
            ],
            "url": site("users:landing"),
            "link": _("Open the workplace"),
        }
        return [
            letter(f"consent:{consent.pk}:answered:{recipient}", recipient, subject, "notice", context)
            for recipient in recipients
        ]


def recharged(order: Order, parcel: Parcel, was_total: int, now: datetime) -> list[Email]:
    """To the buyer, that the parcel costs another sum than it did."""
    recipient = contact_email(order)
    if not recipient:
        return []
    with translation.override(order.language):
        said = {
            "number": parcel.number.upper(),
            "maker": parcel.cooperative.short_name,
            "before": format_vnd(was_total),
            "total": format_vnd(parcel.total),
        }
        subject = _("Parcel %(number)s now costs %(total)s") % said
        context = {
            "name": order.buyer_name,
            "sentences": [
                _("%(maker)s packed parcel %(number)s. By what is in it, it costs %(total)s instead of %(before)s.")
                % said
            ],
            "url": order_url(order),
            "link": _("Follow the order"),
        }
        key = f"parcel:{parcel.number}:recharged:{now:%y%m%d%H%M%S%f}"
        return [letter(key, recipient, subject, "notice", context)]


def _question_by_text(order: Order, parcel: Parcel, consent: WeightConsent) -> list[Text]:
    return texts.weight_asked(
        order,
        parcel,
        title=consent.line.title,
        charge=int(consent.charge),
        key=f"consent:{consent.pk}:asked",
        url=consent_url(consent),
    )


def _question(order: Order, parcel: Parcel, consent: WeightConsent, recipient: str) -> Email:
    line = consent.line
    said = {
        "number": parcel.number.upper(),
        "maker": parcel.cooperative.short_name,
        "title": line.title,
        "weight": format_quantity(consent.weight, line.sale_unit),
        "ordered": format_quantity(line.units, line.sale_unit),
        "charge": format_vnd(consent.charge),
        "before": format_vnd(line.line_price_incl_tax),
    }
    context = {
        "name": order.buyer_name,
        "sentences": [
            _("%(maker)s weighed your %(title)s: %(weight)s instead of the %(ordered)s that you ordered.") % said,
            _("Do you want it for %(charge)s instead of %(before)s? Without an answer you get what you ordered.")
            % said,
        ],
        "url": consent_url(consent),
        "link": _("Answer here"),
    }
    subject = _("Parcel %(number)s: is %(weight)s all right?") % said
    return letter(f"consent:{consent.pk}:asked", recipient, subject, "notice", context)
