"""Does the service hear the venue's other readers? It is asked itself: the port is its own."""

from collections.abc import Iterator
from typing import Any

from reader_service.doctor.findings import Finding, Patient, fine, remark
from reader_service.doctor.running_service import ask_service
from reader_service.settings import InvalidSettings, read_peers

_NETWORK = (
    "请检查各终端是否同网，交换机是否放行组播；不放行时在通道文件的[peers]写明hosts。",
    "Put the readers on one network that lets multicast through, or name the others as hosts under "
    "[peers] in the lanes file.",
)


def check_peers(patient: Patient) -> Iterator[Finding]:
    """Ask the running service which other readers it hears."""
    try:
        wanted = read_peers(patient.settings.lanes_path)
    except InvalidSettings:
        return  # Said of the lanes file.
    if not wanted.share:
        yield fine(
            "peers",
            "不与本馆其他终端共享，由通道文件关闭。",
            "Not sharing with the venue's other readers: the lanes file says so.",
        )
        return
    if (told := ask_service(patient)) is None:
        return  # Said by the check of the service.
    yield _finding(told.get("peers"), wanted.port)


def _finding(state: Any, port: int) -> Finding:
    if state is None:
        text = (f"没有共享：端口{port}被占用。", f"Not sharing: port {port} is taken.")
        step = (
            "请在通道文件的[peers]换一个port，各终端一致。",
            "Choose another port under [peers] in the lanes file, the same at all readers.",
        )
        return remark("peers", text, step)
    if not state["ready"]:
        text = ("还没有本馆的共享密钥。", "The venue's key for sharing is not here yet.")
        return remark("peers", text, ("请联网同步一次。", "Bring it online once."))
    there, silent = state["there"], state["silent"]
    if silent:
        named = ", ".join(silent)
        zh, en = f"听不到本馆其他终端：{named}。", f"Other readers fell silent: {named}."
        return remark("peers", (zh, en), _NETWORK)
    if not state["sends"]:
        zh, en = "发不出共享消息。", "What lanes share does not leave this machine."
        return remark("peers", (zh, en), _NETWORK)
    zh, en = f"听到本馆其他终端{there}台。", f"{there} other readers of the venue are heard."
    return fine("peers", zh, en)
