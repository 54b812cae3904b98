"""Every service under its 一卡通, and a line to search them; in 长辈版 one realm a page."""

from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout
from typing_extensions import override

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, page_header, revealed, rows, typed_field
from mobile.ui.widgets.controls import Tappable

WIDGETS = (controls, page_header, revealed, rows, typed_field)


class ServiceTile(Tappable):
    """A service (`line`) that a touch leads to."""

    text = StringProperty()
    line = ObjectProperty()


class ServiceTiles(GridLayout):
    """Services in two columns, or one under another where type is large."""

    services = ObjectProperty((), allownone=True)

    def on_services(self, *_: object) -> None:
        """Draw a tile for each."""
        self.clear_widgets()
        for line in self.services or ():
            tile = ServiceTile(line=line)
            tile.bind(minimum_height=self._level)
            self.add_widget(tile)
        self._level()

    def _level(self, *_: object) -> None:
        """Make the tiles of a row equally high."""
        tiles = self.children[::-1]
        for start in range(0, len(tiles), self.cols):
            row = tiles[start : start + self.cols]
            highest = max(tile.minimum_height for tile in row)
            for tile in row:
                tile.least = highest


class RealmPanel(BoxLayout):
    """One of the four 一卡通 (`line`) with its services."""

    line = ObjectProperty()


class RealmKey(Tappable):
    """One of the four 一卡通 (`line`) as a large button."""

    text = StringProperty()
    line = ObjectProperty()


class ServicesPage(Page):
    """What this app can do."""

    @override
    def open(self) -> None:
        """Begin with the whole map."""
        self.models.services.begin()
        super().open()


load_rules(__file__)
