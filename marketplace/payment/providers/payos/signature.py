"""payOS's signatures: HMAC-SHA256 with the channel's checksum key over `key=value` pairs in the order of the keys."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any


def signature_of(data: Mapping[str, Any], checksum_key: str) -> str:
    """Of every field. What is empty counts as the empty text; lists and objects as JSON with their keys in order."""
    text = "&".join(f"{key}={_text(data[key])}" for key in sorted(data))
    return hmac.new(checksum_key.encode(), text.encode(), hashlib.sha256).hexdigest()


def is_signed(data: Mapping[str, Any], signature: object, checksum_key: str) -> bool:
    """False without a key: an empty key would let anybody sign."""
    if not checksum_key or not isinstance(signature, str) or not signature.isascii():
        return False
    return hmac.compare_digest(signature_of(data, checksum_key), signature.lower())


def _text(value: Any) -> str:
    if value is None or value in ("null", "undefined"):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return str(value)
