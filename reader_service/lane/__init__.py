"""One lane: read, verify, decide, record, open, tell.

`gatekeeper` decides and records for all lanes of a process, `lane` is one of them, `board` is what
staff are told; `camera_process` runs a camera's worker, `camera_worker` is that worker.
"""
