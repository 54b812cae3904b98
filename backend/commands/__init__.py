"""What the backend's operators type: `python -m backend serve | seed-demo | …`.

`running` runs a command in the store of the installation; every other module names some commands,
with their options, and what each does.
"""
