"""Asks python-for-android which recipes and modules the app's requirements come to.

Runs in the environment of infra/locks/android.txt, not in the project's own, and needs no network
and no Android tools: only the recipe graph is asked. Prints JSON: `recipes`, in build order, with
their versions, and `modules`, the plain Python modules that are installed as published.
"""

import json
import logging
import sys
from configparser import ConfigParser
from pathlib import Path

from pythonforandroid.bootstrap import Bootstrap  # type: ignore[import-not-found]
from pythonforandroid.build import Context  # type: ignore[import-not-found]
from pythonforandroid.graph import get_recipe_order_and_bootstrap  # type: ignore[import-not-found]
from pythonforandroid.recipe import Recipe  # type: ignore[import-not-found]


def resolve(spec: Path) -> dict[str, object]:
    """Resolve the requirements of a buildozer.spec.

    Raises:
        BuildInterruptingException: two requirements exclude each other.
    """
    parser = ConfigParser()
    parser.read(spec, "utf-8")
    app = parser["app"]
    names = [entry.strip().partition("==")[0] for entry in app["requirements"].split(",")]
    context = Context()
    bootstrap = Bootstrap.get_bootstrap(app["p4a.bootstrap"], context)
    recipes, modules, _ = get_recipe_order_and_bootstrap(context, names, bootstrap)
    versions = {name: Recipe.get_recipe(name, context).version for name in recipes}
    return {"recipes": versions, "modules": sorted(modules)}


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    json.dump(resolve(Path(sys.argv[1])), sys.stdout, default=str)
