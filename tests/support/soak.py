"""How much is enough: what takes long by its nature is small in `make test`, whole in `make soak`.

Such a test is marked `soak`, by which `make soak` finds it.
"""

import os

SOAK = bool(os.environ.get("YIKATONG_SOAK"))
