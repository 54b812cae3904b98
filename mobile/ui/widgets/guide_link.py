"""The way from a service's page to its guide."""

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.widget import Widget

from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, revealed
from mobile.ui.widgets.page_header import PageHeader
from mobile.ui.widgets.revealed import Revealed
from mobile.ui.widgets.scroll import Scroll

STYLES = (controls, revealed)


class GuideLink(Revealed):
    """Leads to the guide 服务指南 of the service named `item`; not from a step of doing it."""

    item = StringProperty()
    stepped = BooleanProperty(False)

    @staticmethod
    def put_under(page: Widget, item: str) -> None:
        """Let a page end with the link, at the same place on each."""
        link = GuideLink(item=item)
        header = next((one for one in page.walk() if isinstance(one, PageHeader)), None)
        if header is not None:
            header.bind(stepped=link.setter("stepped"))
            link.stepped = header.stepped
        scroll = next(one for one in page.walk() if isinstance(one, Scroll))
        scroll.children[0].add_widget(link)


load_rules(__file__)
