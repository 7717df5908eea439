"""Messages written in the transaction that causes them, and sent after it by `manage.py send_outbox`."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.common.encrypted import EncryptedTextField


class OutboxMessage(models.Model):
    """One message to one recipient. `key` names the event and the recipient, so an event told twice is sent once."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        TEXT = "text", _("Text message")

    key = models.CharField(_("key"), max_length=120, unique=True)
    channel = models.CharField(_("channel"), max_length=5, choices=Channel, default=Channel.EMAIL)
    # An e-mail address, or a phone number as E.164.
    recipient = models.CharField(_("recipient"), max_length=254)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    # Of a text message: the name under which its words were approved, and what fills them in.
    template = models.CharField(_("template"), max_length=40, blank=True)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created at"))
    next_attempt_at = models.DateTimeField(_("next attempt at"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.TextField(_("last error"), blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("outgoing message")
        verbose_name_plural = _("outgoing messages")
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(sent_at__isnull=True), name="outbox_waiting_idx")
        ]

    def __str__(self) -> str:
        return f"{self.key} → {self.recipient}"


class ChannelCredential(models.Model):
    """What a provider of text messages gave us to speak to it with; renewed by the channel itself."""

    name = models.CharField(_("name"), max_length=20, unique=True)
    access_token = EncryptedTextField(_("access token"), blank=True)
    refresh_token = EncryptedTextField(_("refresh token"))
    expires_at = models.DateTimeField(_("expires at"))

    class Meta:
        verbose_name = _("credential of a channel")
        verbose_name_plural = _("credentials of channels")

    def __str__(self) -> str:
        return self.name
