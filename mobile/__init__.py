"""The resident's app: the code, the card and the visits on one phone, most of it without network.

Layers, imports point down only: `__main__` sets the environment, `app` wires, `ui` draws,
`viewmodels` hold one state value a screen, `services` talk to the backend and keep what was last
seen, `ports` are the phone's own parts, `core` is pure.
"""

VERSION = "0.1.0"
