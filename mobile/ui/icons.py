"""Glyphs of the shipped icon font; every one is shown beside a word.

The font holds these glyphs only: after adding one, run `infra/make-fonts.sh`.
"""

ICON_FONT = "icons"

GLYPHS = {
    "account": "\U000f0013",
    "account-plus": "\U000f0801",
    "account-remove": "\U000f0aed",
    "alert": "\U000f05d6",
    "arrow-left": "\U000f004d",
    "backspace": "\U000f0b5c",
    "camera": "\U000f0d5d",
    "card": "\U000f0dab",
    "card-off": "\U000f1603",
    "check": "\U000f05e1",
    "chevron-right": "\U000f0142",
    "clock-alert": "\U000f05ce",
    "cloud-off": "\U000f0164",
    "cog": "\U000f08bb",
    "consent": "\U000f08a8",
    "contrast": "\U000f0197",
    "data-use": "\U000f0935",
    "document": "\U000f09ee",
    "download": "\U000f0b8f",
    "enlarge": "\U000f06ed",
    "eye": "\U000f06d0",
    "eye-off": "\U000f06d1",
    "folder": "\U000f0256",
    "help": "\U000f0625",
    "history": "\U000f02da",
    "home": "\U000f06a1",
    "information": "\U000f02fd",
    "lock": "\U000f0341",
    "lock-open": "\U000f0340",
    "login": "\U000f0342",
    "logout": "\U000f0343",
    "message": "\U000f036a",
    "pencil": "\U000f0cb6",
    "people": "\U000f112d",
    "phone": "\U000f011c",
    "phone-key": "\U000f094e",
    "phone-remove": "\U000f094d",
    "place": "\U000f07d9",
    "qrcode": "\U000f0432",
    "refresh": "\U000f0450",
    "refused": "\U000f015d",
    "shield": "\U000f0cc8",
    "speaker": "\U000f057e",
    "tick": "\U000f012c",
    "translate": "\U000f05ca",
    "trash": "\U000f0a7a",
    "type-size": "\U000f027f",
    "wallet": "\U000f0bdd",
    "wrench": "\U000f0be0",
}


def glyph(name: str) -> str:
    """Return the character of an icon.

    Raises:
        KeyError: the font has no such icon.
    """
    return GLYPHS[name]
