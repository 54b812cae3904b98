"""Where Android starts the app: the launcher asks for a main.py at the top of the sources."""

import runpy

if __name__ == "__main__":
    runpy.run_module("mobile", run_name="__main__", alter_sys=True)
