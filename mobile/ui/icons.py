"""Glyphs of the shipped icon font; every one is shown beside a word.

The font holds these glyphs only: after adding one, run `infra/make-fonts.sh`.
"""

ICON_FONT = "icons"

GLYPHS = {
    "account": "\U000f0013",
    "account-clock": "\U000f0b57",
    "account-plus": "\U000f0801",
    "account-remove": "\U000f0aed",
    "alert": "\U000f05d6",
    "arrow-left": "\U000f004d",
    "backspace": "\U000f0b5c",
    "bag": "\U000f0e13",
    "book": "\U000f0b64",
    "calendar": "\U000f0b66",
    "calendar-check": "\U000f0c44",
    "calendar-clock": "\U000f16e1",
    "calendar-remove": "\U000f0c45",
    "call": "\U000f03f2",
    "camera": "\U000f0d5d",
    "card": "\U000f0dab",
    "card-off": "\U000f1603",
    "check": "\U000f05e1",
    "chevron-right": "\U000f0142",
    "clock": "\U000f0150",
    "clock-alert": "\U000f05ce",
    "cloud-off": "\U000f0164",
    "cog": "\U000f08bb",
    "companions": "\U000f000f",
    "consent": "\U000f08a8",
    "contrast": "\U000f0197",
    "data-use": "\U000f0935",
    "document": "\U000f09ee",
    "door": "\U000f081c",
    "download": "\U000f0b8f",
    "enlarge": "\U000f06ed",
    "eye": "\U000f06d0",
    "eye-off": "\U000f06d1",
    "face-angry": "\U000f0c6a",
    "face-excited": "\U000f069c",
    "face-happy": "\U000f01f5",
    "face-neutral": "\U000f01f6",
    "face-sad": "\U000f01f8",
    "folder": "\U000f0256",
    "help": "\U000f0625",
    "history": "\U000f02da",
    "home": "\U000f06a1",
    "hourglass": "\U000f051f",
    "information": "\U000f02fd",
    "lock": "\U000f0341",
    "lock-open": "\U000f0340",
    "login": "\U000f0342",
    "logout": "\U000f0343",
    "message": "\U000f036a",
    "minus": "\U000f0374",
    "near": "\U000f01a4",
    "pencil": "\U000f0cb6",
    "people": "\U000f112d",
    "phone": "\U000f011c",
    "phone-key": "\U000f094e",
    "phone-remove": "\U000f094d",
    "place": "\U000f07d9",
    "plus": "\U000f0415",
    "qrcode": "\U000f0432",
    "refresh": "\U000f0450",
    "refused": "\U000f015d",
    "savings": "\U000f1679",
    "search": "\U000f0349",
    "shield": "\U000f0cc8",
    "speaker": "\U000f057e",
    "tick": "\U000f012c",
    "ticket": "\U000f13aa",
    "translate": "\U000f05ca",
    "trash": "\U000f0a7a",
    "type-size": "\U000f027f",
    "wallet": "\U000f0bdd",
    "wheelchair": "\U000f1a87",
    "wrench": "\U000f0be0",
}


def glyph(name: str) -> str:
    """Return the character of an icon.

    Raises:
        KeyError: the font has no such icon.
    """
    return GLYPHS[name]
