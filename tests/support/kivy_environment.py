"""What Kivy reads at its import: no window of a desktop, no files, arguments or log of its own.

Imported before anything of Kivy is. Without it Kivy hangs its handlers on the root logger and
lets every level through, and each test after it in the process pays and keeps for that.
"""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
os.environ.update(KIVY_NO_ARGS="1", KIVY_NO_FILELOG="1", KIVY_NO_CONFIG="1", KIVY_LOG_MODE="PYTHON")
