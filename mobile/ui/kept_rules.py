"""kv rules kept as Python keeps modules: parsed once, then read from its cache of compiled code.

Parsing kv is much of what a start costs; Kivy's own `style.kv` alone is a third of the way to a
bare window's first frame. What is kept lies where `importlib` puts compiled modules, and is made
anew when the file, Python or Kivy is another one. Where nothing can be written, each start parses.
"""

import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

import kivy
from typing_extensions import override

_KEPT = f".kivy{kivy.__version__.replace('.', '_')}_1.rules"
"""Ends the name under which a file's rules are kept; the last digit is that of their form."""
_NO_STYLE = str(Path(__file__).parent.parent / "assets" / "no_style")


def load_style() -> None:
    """Load Kivy's own rules, which it would parse as it is imported, and keep all others too.

    To be called before Kivy's widgets are imported; later, it keeps what is loaded from then on.
    """
    if "kivy.lang.builder" not in sys.modules:
        folder, kivy.kivy_data_dir = kivy.kivy_data_dir, _NO_STYLE
        try:
            from kivy.lang import builder  # noqa: PLC0415, loads the style that is in the folder
        finally:
            kivy.kivy_data_dir = folder
        builder.kivy_data_dir = folder
        _keep()
        builder.Builder.load_file(str(Path(folder) / "style.kv"), rulesonly=True)
    _keep()


def _keep() -> None:
    from kivy.lang import builder  # noqa: PLC0415, not before the style is chosen

    builder.Parser = _parsed


def _parsed(content: str, filename: str | None = None) -> Any:
    """Return the parser of a file, at its end; what is in no file is parsed each time."""
    from kivy.lang.parser import Parser  # noqa: PLC0415

    if filename is None or not Path(filename).is_file():
        return Parser(content=content, filename=filename)
    loader = _RulesLoader(filename)
    try:
        code: Any = loader.get_code(loader.name)
        directives, rules = code.co_consts
    except (EOFError, TypeError, ValueError):  # what is kept is damaged
        return Parser(content=content, filename=filename)
    parser = Parser(content="", filename=filename)
    parser.directives = directives
    parser.execute_directives()
    parser.sourcecode = list(enumerate(content.splitlines()))  # for what Kivy says of errors
    for rule in rules:
        _rule(parser, rule)
    return parser


class _RulesLoader(SourceFileLoader):
    """Python's own loader, of a kv file: its code has the file's rules as constants."""

    def __init__(self, filename: str) -> None:
        super().__init__(filename, filename + _KEPT)

    @override
    def path_stats(self, path: Any) -> Any:
        return super().path_stats(path.removesuffix(_KEPT))

    @override
    def get_data(self, path: Any) -> bytes:
        return super().get_data(path.removesuffix(_KEPT))

    @override
    def source_to_code(self, data: Any, path: Any, **_: Any) -> CodeType:  # type: ignore[override]
        from kivy.lang.parser import Parser  # noqa: PLC0415

        parser = Parser(content=data.decode(), filename=self.name)
        tops = {id(rule): rule for _, rule in parser.rules}
        tops |= {id(rule): rule for _, _, rule in parser.templates}
        if parser.root is not None:
            tops[id(parser.root)] = parser.root
        rules = tuple(map(_kept_rule, sorted(tops.values(), key=lambda rule: rule.line)))
        code = compile("", self.name, "exec")
        return code.replace(co_consts=(tuple(parser.directives), rules))


def _kept_rule(rule: Any) -> tuple[Any, ...]:
    """Return a rule of Kivy's as `marshal` writes it; `_rule` reads it again."""
    canvases = rule.canvas_before, rule.canvas_root, rule.canvas_after
    return (
        rule.line,
        rule.name,
        rule.level,
        rule.id,
        tuple(map(_kept_property, rule.properties.values())),
        tuple(map(_kept_property, rule.handlers)),
        tuple(map(_kept_rule, rule.children)),
        tuple(canvas and _kept_rule(canvas) for canvas in canvases),
    )


def _rule(parser: Any, kept: tuple[Any, ...]) -> Any:
    from kivy.lang.parser import ParserRule  # noqa: PLC0415

    line, name, level, identifier, properties, handlers, children, canvases = kept
    rule = ParserRule(parser, line, name, level)
    rule.id = identifier
    for one in properties:
        rule.properties[one[1]] = _property(parser, one)
    rule.handlers = [_property(parser, one) for one in handlers]
    rule.children = [_rule(parser, child) for child in children]
    rule.canvas_before, rule.canvas_root, rule.canvas_after = (
        canvas and _rule(parser, canvas) for canvas in canvases
    )
    return rule


def _kept_property(one: Any) -> tuple[Any, ...]:
    watched = one.watched_keys
    return one.line, one.name, one.value, one.ignore_prev, one.co_value, one.mode, watched


def _property(parser: Any, kept: tuple[Any, ...]) -> Any:
    from kivy.lang.parser import ParserRuleProperty  # noqa: PLC0415

    line, name, value, ignores, compiled, mode, watched = kept
    one = ParserRuleProperty(parser, line, name, value, ignores)
    one.co_value, one.mode, one.watched_keys = compiled, mode, watched
    return one
