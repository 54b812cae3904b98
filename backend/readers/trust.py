"""The trust list this server gives to readers: its own keys, signed by the root."""

from datetime import datetime, timedelta

from backend.foundation.keys import LIST_KEY_ID, Keys
from shared.trust.trust_list import KeyUse, TrustedKey, TrustList, sign_trust_list

VALID = timedelta(days=30)


def own_trust_list(keys: Keys, region: int, now: datetime) -> str:
    """Return the signed list; the same text within an hour, so that it need not be sent again."""
    issued_at = now.replace(minute=0, second=0, microsecond=0)
    valid_until = issued_at + VALID
    since = issued_at - VALID
    issuers = [
        TrustedKey(
            region,
            one.key_id,
            KeyUse.CERTIFICATE,
            one.key.public,
            since,
            valid_until if until is None else min(valid_until, until),
        )
        for one, until in keys.issuers.trusted()
    ]
    lists = TrustedKey(region, LIST_KEY_ID, KeyUse.LIST, keys.lists.public, since, valid_until)
    trusted = (*issuers, lists)
    return sign_trust_list(TrustList(trusted, issued_at, valid_until), keys.root)
