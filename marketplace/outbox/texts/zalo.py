"""Zalo Notification Service (ZNS), from its published fields. Tested against a stand-in, never against Zalo itself.

A message names a template that Zalo approved, and fills in its parameters. The access token lives for about a day; the
refresh token that renews it is good for one use and comes with its successor, so both are kept in the database.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from marketplace.common.json_http import ServiceError, call
from marketplace.common.locks import locked
from marketplace.outbox.models import ChannelCredential
from marketplace.outbox.texts.base import TextMessage, TextNotSentError

NAME = "zalo"
# A token is renewed a little early: the clocks of two machines differ.
_EARLY = timedelta(minutes=5)
# Zalo's answers that another try does not change: no such number, no Zalo account on it, the person refuses messages,
# the template does not exist or its parameters are not those approved.
_FINAL = frozenset({-108, -109, -110, -114, -118, -119, -131, -132, -133, -137})
_TOKEN_REFUSED = -124


class ZaloBackend:
    """Settings: ZALO_APP_ID, ZALO_APP_SECRET, ZALO_REFRESH_TOKEN (the first one), ZALO_TEMPLATES ({ours: Zalo's})."""

    def send(self, message: TextMessage, *, now: datetime) -> None:
        template = settings.ZALO_TEMPLATES.get(message.template)
        if template is None:
            raise TextNotSentError(f"no Zalo template for {message.template}", is_final=True)
        body = {
            "phone": message.phone.removeprefix("+"),
            "template_id": template,
            "template_data": dict(message.parameters),
            "tracking_id": message.key[:48],
        }
        answer = self._post(body, self._access_token(now))
        if answer.get("error") == _TOKEN_REFUSED:
            answer = self._post(body, self._access_token(now, is_refused=True))
        code = answer.get("error")
        if code != 0:
            raise TextNotSentError(f"Zalo {code}: {answer.get('message', '')}", is_final=code in _FINAL)

    def _post(self, body: dict[str, Any], token: str) -> dict[str, Any]:
        return _answer(settings.ZALO_MESSAGE_URL, json=body, headers={"access_token": token})

    def _access_token(self, now: datetime, *, is_refused: bool = False) -> str:
        """The token in force, renewed where it has run out. One process renews: a refresh token is good for one use."""
        with transaction.atomic():
            credential = _credential(now)
            if is_refused or credential.expires_at - _EARLY <= now:
                self._renew(credential, now)
            return credential.access_token

    def _renew(self, credential: ChannelCredential, now: datetime) -> None:
        fields = {
            "app_id": settings.ZALO_APP_ID,
            "grant_type": "refresh_token",
            "refresh_token": credential.refresh_token,
        }
        answer = _answer(settings.ZALO_TOKEN_URL, form=fields, headers={"secret_key": settings.ZALO_APP_SECRET})
        if "access_token" not in answer:
            raise TextNotSentError(f"Zalo gave no token: {answer.get('error_name', answer.get('error', ''))}")
        credential.access_token = answer["access_token"]
        credential.refresh_token = answer["refresh_token"]
        credential.expires_at = now + timedelta(seconds=int(answer.get("expires_in", 3600)))
        credential.save()


def _credential(now: datetime) -> ChannelCredential:
    ChannelCredential.objects.get_or_create(
        name=NAME, defaults={"refresh_token": settings.ZALO_REFRESH_TOKEN, "expires_at": now}
    )
    return locked(ChannelCredential.objects.filter(name=NAME))[0]


def _answer(url: str, **request: Any) -> dict[str, Any]:
    try:
        return call("POST", url, **request)
    except ServiceError as error:
        raise TextNotSentError(f"Zalo: {error}") from error
