"""Making a lone mongod the primary of its own set: transactions need one."""

import time

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure

from backend.settings import StartRefused
from shared.localized_text import LocalizedText

REPLICA_SET = "yikatong"
PRIMARY_SECONDS = 60.0
_NOT_YET_INITIALIZED = 94


def become_primary(uri: str, port: int) -> None:
    """Initiate the set on first use, follow a changed port, and wait for a writable primary.

    Raises:
        StartRefused: it does not become writable in time.
    """
    client: MongoClient[dict[str, object]] = MongoClient(uri, serverSelectionTimeoutMS=10_000)
    deadline = time.monotonic() + PRIMARY_SECONDS
    try:
        while not _is_writable(client, f"127.0.0.1:{port}"):
            if time.monotonic() > deadline:
                raise StartRefused(
                    LocalizedText(
                        "内置 mongod 没有变为可写。请查看其日志后重新启动。",
                        "The embedded mongod did not become writable. See its log, start again.",
                    )
                )
            time.sleep(0.01)
    finally:
        client.close()


def _is_writable(client: "MongoClient[dict[str, object]]", host: str) -> bool:
    """Say whether it may be written, after what was left to configure.

    A mongod that recovers from a kill, or turns primary, drops connections: that is not yet.
    """
    try:
        _configure(client, host)
        return bool(client.admin.command("hello").get("isWritablePrimary"))
    except AutoReconnect:
        return False


def _configure(client: "MongoClient[dict[str, object]]", host: str) -> None:
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != _NOT_YET_INITIALIZED:
            raise
        first = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": host}]}
        client.admin.command("replSetInitiate", first)
        return
    if config["members"][0]["host"] != host:
        # The set's only member moved to another port: no majority can be asked.
        config["members"] = [{**config["members"][0], "host": host}]
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)
