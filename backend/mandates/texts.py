"""The text a principal agrees to; a mandate keeps its version and hash (D1)."""

import hashlib
from collections.abc import Sequence

from backend.mandates.scopes import SCOPE_WORDS, Scope
from shared.localized_text import LocalizedText

VERSION = 1
_HEAD = LocalizedText(
    "亲情代办授权书：我授权代办人以其本人身份登录，代我办理下列事项。每次办理都有记录，我会收到通知，"
    "并可随时停止。代办人不能更改我的账户、密码、手机号，不能注销我的卡，不能转授权。",
    "Mandate: the delegate signs in as themselves and may do the following for me. Each act is "
    "recorded and told to me, and I can stop it at any time. They cannot change my accounts, PINs "
    "or phone, cancel my card, or pass this mandate on.",
)


def text_of(scopes: Sequence[Scope], days: int | None) -> LocalizedText:
    """Return the text of a mandate in this version."""
    zh = "、".join(SCOPE_WORDS[one].zh for one in scopes)
    en = "; ".join(SCOPE_WORDS[one].en for one in scopes)
    until_zh = "至法定事由终止" if days is None else f"{days}天"
    until_en = "until the legal event" if days is None else f"{days} days"
    return LocalizedText(
        f"{_HEAD.zh}事项：{zh}。期限：{until_zh}。", f"{_HEAD.en} What: {en}. How long: {until_en}."
    )


def hash_of(scopes: Sequence[Scope], days: int | None) -> bytes:
    """Return the hash of a mandate's text, both languages, with its version."""
    text = text_of(scopes, days)
    return hashlib.sha256(f"{VERSION}\0{text.zh}\0{text.en}".encode()).digest()
