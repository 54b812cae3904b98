"""Messages in their three parts, one under another."""

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.rules import load_rules


class NoticePanel(BoxLayout):
    """What happened and what to do; `attention` draws it in cinnabar."""

    icon = StringProperty("information")
    title = StringProperty()
    body = StringProperty()
    attention = BooleanProperty(True)
    tone = StringProperty("accent")


class NoticeStack(BoxLayout):
    """A panel for each of `notices` (anything with icon, title, body and attention)."""

    notices = ObjectProperty(())

    def on_notices(self, *_: object) -> None:
        """Draw the notices anew."""
        self.clear_widgets()
        for notice in self.notices:
            panel = NoticePanel(
                icon=notice.icon,
                title=notice.title,
                body=notice.body,
                attention=notice.attention,
            )
            self.add_widget(panel)


load_rules(__file__)
