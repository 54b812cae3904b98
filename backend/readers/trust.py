"""The trust list this server gives to readers: its own keys, signed by the root."""

from datetime import datetime, timedelta

from backend.foundation.keys import ISSUER_KEY_ID, LIST_KEY_ID, Keys
from shared.trust.trust_list import KeyUse, TrustedKey, TrustList, sign_trust_list

VALID = timedelta(days=30)


def own_trust_list(keys: Keys, region: int, now: datetime) -> str:
    """Return the signed list; the same text within an hour, so that it need not be sent again."""
    issued_at = now.replace(minute=0, second=0, microsecond=0)
    valid_until = issued_at + VALID
    trusted = tuple(
        TrustedKey(region, key_id, use, key.public, issued_at - VALID, valid_until)
        for key_id, use, key in (
            (ISSUER_KEY_ID, KeyUse.CERTIFICATE, keys.issuer),
            (LIST_KEY_ID, KeyUse.LIST, keys.lists),
        )
    )
    return sign_trust_list(TrustList(trusted, issued_at, valid_until), keys.root)
