"""An act that is asked about: what it means, then yes or no."""

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, revealed

STYLES = (controls, revealed)


class PointRow(BoxLayout):
    """One thing to know, behind a dot."""

    text = StringProperty()


class QuestionPanel(BoxLayout):
    """Asks `question` (`Question`, None while nothing is asked); dispatches `on_yes`, `on_no`."""

    __events__ = ("on_yes", "on_no")

    question = ObjectProperty(None, allownone=True)
    icon = StringProperty()
    title = StringProperty()
    points = ObjectProperty(())
    word_of_yes = StringProperty()
    word_of_no = StringProperty()
    grave = BooleanProperty(False)
    busy = BooleanProperty(False)

    def on_question(self, *_: object) -> None:
        """Take the question's words."""
        if self.question is not None:
            for name in ("icon", "title", "points", "grave", "busy"):
                setattr(self, name, getattr(self.question, name))
            self.word_of_yes, self.word_of_no = self.question.yes, self.question.no

    def on_points(self, *_: object) -> None:
        """Draw the points anew."""
        rows = self.ids.points
        rows.clear_widgets()
        for text in self.points:
            rows.add_widget(PointRow(text=text))

    def on_yes(self) -> None:
        """Tell that yes was touched."""

    def on_no(self) -> None:
        """Tell that no was touched."""


load_rules(__file__)
