"""Loading kv rules: each file once a process, however many apps are made in it."""

from pathlib import Path

from kivy.lang import Builder

from mobile.ui.kept_rules import load_style

load_style()


def load_rules(python_file: str) -> None:
    """Load the kv file that stands beside `python_file` under the same name."""
    path = str(Path(python_file).with_suffix(".kv"))
    if path not in Builder.files:
        Builder.load_file(path)
