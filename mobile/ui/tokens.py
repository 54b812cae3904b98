"""Design tokens: every colour, size and distance of the app stands here and nowhere else."""

from dataclasses import asdict, dataclass
from typing import Any

from kivy.metrics import Metrics
from kivy.utils import get_color_from_hex

from mobile.core.preferences import ELDER_SCALE, Preferences


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by role. `*_tint` is a quiet ground for its colour, `hairline` only decorates.

    `booking`, `passes`, `voucher`, `library`, `stored`, `subsidy` tell the kinds of things apart,
    beside sign and word. `ring` and `track` lie on the code's card, which is white in every look.
    """

    ink: str
    muted: str
    paper: str
    surface: str
    primary: str
    primary_ink: str
    primary_tint: str
    accent: str
    accent_tint: str
    outline: str
    hairline: str
    booking: str
    passes: str
    voucher: str
    ring: str
    track: str
    library: str
    stored: str
    subsidy: str


LIGHT = Palette(
    ink="#14211F",
    muted="#4A5A57",
    paper="#F6F8F7",
    surface="#FFFFFF",
    primary="#00675A",
    primary_ink="#FFFFFF",
    primary_tint="#E3F1EE",
    accent="#B23A12",
    accent_tint="#FBEAE4",
    outline="#788986",
    hairline="#DCE5E2",
    booking="#00675A",
    passes="#1F5A9C",
    voucher="#6B4596",
    library="#7A4F01",
    stored="#8E2A5B",
    subsidy="#4B5E00",
    ring="#00675A",
    track="#DCE5E2",
)
ELDER = Palette(
    ink="#14211F",
    muted="#3D4B48",
    paper="#F6F8F7",
    surface="#FFFFFF",
    primary="#005A4E",
    primary_ink="#FFFFFF",
    primary_tint="#E3F1EE",
    accent="#8F2B0A",
    accent_tint="#FBEAE4",
    outline="#5F706D",
    hairline="#C9D5D2",
    booking="#005A4E",
    passes="#174A83",
    voucher="#573780",
    library="#633F00",
    stored="#7A1F4B",
    subsidy="#3C4C00",
    ring="#005A4E",
    track="#C9D5D2",
)
CONTRAST = Palette(
    ink="#000000",
    muted="#2B3735",
    paper="#FFFFFF",
    surface="#FFFFFF",
    primary="#00473D",
    primary_ink="#FFFFFF",
    primary_tint="#FFFFFF",
    accent="#7A1F00",
    accent_tint="#FFFFFF",
    outline="#000000",
    hairline="#000000",
    booking="#00473D",
    passes="#0F3A6B",
    voucher="#43286A",
    library="#4A2F00",
    stored="#5A1236",
    subsidy="#2C3900",
    ring="#00473D",
    track="#000000",
)
DARK = Palette(
    ink="#E7EFED",
    muted="#A9B8B5",
    paper="#0E1514",
    surface="#18211F",
    primary="#6FD8C4",
    primary_ink="#00302A",
    primary_tint="#103530",
    accent="#FFB199",
    accent_tint="#43211A",
    outline="#7F908D",
    hairline="#2E3B38",
    booking="#6FD8C4",
    passes="#A3CBFF",
    voucher="#D6BEFF",
    library="#F0CF8A",
    stored="#FFB8D2",
    subsidy="#C9DB7A",
    ring="#00675A",
    track="#DCE5E2",
)
CONTRAST_DARK = Palette(
    ink="#FFFFFF",
    muted="#DCE5E2",
    paper="#000000",
    surface="#000000",
    primary="#8CF0DC",
    primary_ink="#000000",
    primary_tint="#000000",
    accent="#FFC4B0",
    accent_tint="#000000",
    outline="#FFFFFF",
    hairline="#FFFFFF",
    booking="#8CF0DC",
    passes="#BBD9FF",
    voucher="#E2D1FF",
    library="#FFE2A8",
    stored="#FFD0E2",
    subsidy="#DDEE9A",
    ring="#00473D",
    track="#000000",
)
PALETTES = (LIGHT, ELDER, CONTRAST, DARK, CONTRAST_DARK)
ENHANCED = (ELDER, CONTRAST, DARK, CONTRAST_DARK)
"""Those with seven to one for all text: 长辈版 uses no other."""
CODE_GROUND = "#FFFFFF"

# (foreground, ground) as the screens pair them; text unless it is an outline.
TEXT_PAIRS = (
    ("ink", "paper"),
    ("ink", "surface"),
    ("ink", "primary_tint"),
    ("ink", "accent_tint"),
    ("muted", "paper"),
    ("muted", "surface"),
    ("primary", "paper"),
    ("primary", "surface"),
    ("primary", "primary_tint"),
    ("primary_ink", "primary"),
    ("primary_ink", "accent"),
    ("accent", "paper"),
    ("accent", "surface"),
    ("accent", "accent_tint"),
    ("booking", "surface"),
    ("passes", "surface"),
    ("voucher", "surface"),
    ("library", "surface"),
    ("stored", "surface"),
    ("subsidy", "surface"),
)
OUTLINE_PAIRS = (("outline", "paper"), ("outline", "surface"), ("primary", "surface"))

TYPE = {"caption": 12, "secondary": 14, "body": 16, "title": 20, "headline": 24, "figure": 32}
LARGEST = 48
ELDER_SMALLEST = 18
TOUCH, ELDER_TOUCH = 48, 60
_ROOMY_SCALE = 1.25

Rgba = tuple[float, float, float, float]


def palette_of(preferences: Preferences, *, phone_is_dark: bool) -> Palette:
    """Return the colours that go with `preferences` on a phone that is dark, or not."""
    dark = phone_is_dark if preferences.ground == "phone" else preferences.ground == "dark"
    if preferences.contrast:
        return CONTRAST_DARK if dark else CONTRAST
    if dark:
        return DARK
    return ELDER if preferences.elder else LIGHT


def type_sizes(preferences: Preferences) -> dict[str, float]:
    """Return each type role's size in sp."""
    scale = max(preferences.text_scale, ELDER_SCALE if preferences.elder else 1.0)
    smallest = ELDER_SMALLEST if preferences.elder else 0
    return {role: max(smallest, min(LARGEST, size * scale)) for role, size in TYPE.items()}


@dataclass(frozen=True, slots=True)
class Theme:
    """The tokens in force, as one value: kv rules read `app.theme` and follow its replacement.

    Colours are RGBA tuples. Type sizes are in sp: a rule writes `app.theme.body * Metrics.sp`, so
    that the phone's own font setting counts as well. `touch` is the least size of a target in dp;
    `roomy` says whether words have room side by side.
    """

    ink: Rgba
    muted: Rgba
    paper: Rgba
    surface: Rgba
    primary: Rgba
    primary_ink: Rgba
    primary_tint: Rgba
    accent: Rgba
    accent_tint: Rgba
    outline: Rgba
    hairline: Rgba
    booking: Rgba
    passes: Rgba
    voucher: Rgba
    ring: Rgba
    track: Rgba
    library: Rgba
    stored: Rgba
    subsidy: Rgba
    caption: float
    secondary: float
    body: float
    title: float
    headline: float
    figure: float
    elder: bool
    touch: int
    roomy: bool


def theme_of(preferences: Preferences, *, phone_is_dark: bool) -> Theme:
    """Return the tokens that go with `preferences` on a phone that is dark, or not."""
    colours: dict[str, Any] = {
        role: tuple(get_color_from_hex(value))
        for role, value in asdict(palette_of(preferences, phone_is_dark=phone_is_dark)).items()
    }
    sizes: dict[str, Any] = type_sizes(preferences)
    return Theme(
        **colours,
        **sizes,
        elder=preferences.elder,
        touch=ELDER_TOUCH if preferences.elder else TOUCH,
        roomy=sizes["body"] / TYPE["body"] * Metrics.fontscale <= _ROOMY_SCALE,
    )
