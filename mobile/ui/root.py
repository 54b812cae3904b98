"""The whole window: the page in front, and the bar under it."""

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.lazy_screens import LazyScreens
from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls
from mobile.ui.widgets.controls import Tappable
from mobile.ui.widgets.pictured import Pictured
from mobile.viewmodels.models import Models

WIDGETS = (controls,)
TICK_SECONDS = 0.1
_CALM_TICK_SECONDS = 0.5  # 长辈版: the ring steps instead of gliding


class TabBar(BoxLayout):
    """The ways of the standard layout."""


class BandButton(Tappable):
    """A button that is light on its band."""

    text = StringProperty()
    tone = StringProperty("accent")


class ActingBand(BoxLayout):
    """For whom this phone acts now, over every page, with the way back to oneself."""


class HelpBand(BoxLayout):
    """Who asks the holder for help, over every page, with the way to where it is done."""


class ElderBar(BoxLayout):
    """The three acts of 长辈版, on every screen at the same place."""

    at_start = BooleanProperty(False)


class Root(BoxLayout):
    """Follows the place model."""

    def __init__(self, models: Models) -> None:
        super().__init__(orientation="vertical")
        self._models = models
        self._screens = LazyScreens(models)
        self._bars: dict[type[BoxLayout], Pictured] = {}
        self._bar: Pictured | None = None
        self._bands: dict[type[BoxLayout], BoxLayout] = {
            ActingBand: ActingBand(),
            HelpBand: HelpBand(),
        }
        self.add_widget(self._screens)
        models.place.bind(name=self._follow, enrolled=self._follow)
        models.preferences.bind(value=self._follow)
        models.family.bind(band=self._follow)
        models.help_wanted.bind(words=self._follow)
        self._passed = 0.0
        self._follow()

    @property
    def page(self) -> Page:
        """The page in front."""
        return self._screens.show(self._models.place.name)

    def _follow(self, *_: object) -> None:
        self._screens.show(self._models.place.name)
        self._show_band(ActingBand, bool(self._models.family.band))
        self._show_band(HelpBand, bool(self._models.help_wanted.words))
        kind = self._wanted_bar()
        wanted = self._made(kind) if kind else None
        if self._bar is not wanted:
            if self._bar is not None:
                self.remove_widget(self._bar)
            self._bar = wanted
            if self._bar is not None:
                self.add_widget(self._bar)

    def _show_band(self, kind: type[BoxLayout], wanted: bool) -> None:
        band = self._bands[kind]
        there = band.parent is not None
        if wanted and not there:
            self.add_widget(band, index=len(self.children))
        elif there and not wanted:
            self.remove_widget(band)

    def _made(self, wanted: type[BoxLayout]) -> Pictured:
        """Return the bar, kept: one collected while its rules are being followed raises."""
        if wanted not in self._bars:
            self._bars[wanted] = Pictured()
            self._bars[wanted].add_widget(wanted())
        return self._bars[wanted]

    def _wanted_bar(self) -> type[BoxLayout] | None:
        if self._models.preferences.value.elder:
            return ElderBar
        place = self._models.place
        return TabBar if place.enrolled or place.acting else None

    def tick(self, passed: float) -> None:
        """Let the page in front move on; called every `TICK_SECONDS`."""
        self._passed += passed
        calm = self._models.preferences.value.elder
        if self._passed >= (_CALM_TICK_SECONDS if calm else TICK_SECONDS):
            self._passed = 0.0
            self.page.tick()


load_rules(__file__)
