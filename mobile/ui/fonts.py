"""The shipped fonts. Kivy looks no glyph up elsewhere, so one file holds Latin and hanzi."""

from pathlib import Path

from kivy.core.text import LabelBase

from mobile.ui.icons import ICON_FONT

_FOLDER = Path(__file__).parent.parent / "assets" / "fonts"
_DEFAULT = "Roboto"  # the name Kivy's labels ask for


def register_fonts() -> None:
    """Make every label use the shipped fonts; to be called before the first widget.

    The bold weight covers GB 2312 only: names, which may hold rare hanzi, stay regular.
    """
    LabelBase.register(
        _DEFAULT,
        fn_regular=str(_FOLDER / "NotoSansSC-Regular.ttf"),
        fn_bold=str(_FOLDER / "NotoSansSC-Bold.ttf"),
    )
    LabelBase.register(ICON_FONT, fn_regular=str(_FOLDER / "MaterialDesignIcons.ttf"))
