"""The questions people ask first, and what this app is."""

from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.page import Page
from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, notices, page_header

WIDGETS = (controls, notices, page_header)


class AnswerPanel(BoxLayout):
    """A question as heading with its answer under it."""

    question = StringProperty()
    answer = StringProperty()


class AnswerList(BoxLayout):
    """A panel for each of `answers` (anything with question and answer)."""

    answers = ObjectProperty(())

    def on_answers(self, *_: object) -> None:
        """Draw the answers anew."""
        self.clear_widgets()
        for answer in self.answers:
            self.add_widget(AnswerPanel(question=answer.question, answer=answer.answer))


class HelpPage(Page):
    """Plain questions, short answers."""


load_rules(__file__)
