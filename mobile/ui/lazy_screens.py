"""Screens that are made when they are first shown; until then not even their code is loaded."""

from importlib import import_module

from kivy.uix.screenmanager import FadeTransition, ScreenManager

from mobile.ui.page import Page
from mobile.viewmodels.models import Models

# Each place's page, and the model it is drawn from.
PAGES = {
    "enrol": ("EnrolPage", "enrol"),
    "home": ("HomePage", "code"),
    "code": ("CodePage", "code"),
    "wallet": ("WalletPage", "wallet"),
    "me": ("MePage", "me"),
    "help": ("HelpPage", "help"),
}


class LazyScreens(ScreenManager):
    """Holds the pages made so far."""

    def __init__(self, models: Models, **options: object) -> None:
        super().__init__(transition=FadeTransition(duration=0.15), **options)
        self._models = models

    def show(self, name: str) -> None:
        """Bring the page of that name to the front."""
        if not self.has_screen(name):
            page_class, model = PAGES[name]
            module = import_module(f"mobile.ui.screens.{name}.screen")
            page: Page = getattr(module, page_class)(
                name=name, models=self._models, model=getattr(self._models, model)
            )
            self.add_widget(page)
        self.current = name
