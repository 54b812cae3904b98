"""One thing asked for: its title, where it is typed or chosen, and the button that goes on."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from mobile.ui.rules import load_rules
from mobile.ui.widgets import controls, notices, number_pad, revealed, typed_field
from mobile.viewmodels.form import Entry

STYLES = (controls, notices, number_pad, revealed, typed_field)


class EntryForm(BoxLayout):
    """Draws `entry` (`Entry`) of `model` (`FormModel`); `problem` stands over the keys."""

    model = ObjectProperty(None, allownone=True, rebind=True)
    entry = ObjectProperty(Entry(), allownone=True)
    problem = ObjectProperty(None, allownone=True)


load_rules(__file__)
