"""Start the demo city and perform one visit (``make run``)."""

import argparse
import os
import sys
import time
from pathlib import Path

from infra.demo.announcer import Announcer, StepFailed
from infra.demo.city import City, running_city
from infra.demo.interruption import check_interruption, take_signals
from infra.demo.visit import perform_visit
from tests.support.pcscd import PcscdMissing

STEPS = 9


def main() -> int:
    """Return 0 only if every step happened."""
    parser = argparse.ArgumentParser(prog="make run")
    parser.add_argument("--once", action="store_true", help="end after the visit")
    once = parser.parse_args().once
    data_dir = Path(os.environ.get("YIKATONG_DATA_DIR") or ".data").absolute()
    announcer = Announcer()
    take_signals()
    try:
        with running_city(data_dir, announcer) as city:
            perform_visit(city)
            if not once:
                _stay(city)
    except (StepFailed, PcscdMissing) as failure:
        sys.stderr.write(f"\n{failure}\n")
        return 1
    except OSError as error:
        place = error.filename or data_dir
        sys.stderr.write(
            f"\n无法读写 {place}（{error.strerror}）：请检查磁盘空间与权限\n"
            f"cannot read or write {place} ({error.strerror}): check disk space and permissions\n"
        )
        return 1
    except KeyboardInterrupt:
        announcer.say("已停止", "stopped")
        return 0 if announcer.steps >= STEPS else 130
    return 0 if announcer.steps == STEPS else 1


def _stay(city: City) -> None:
    """Keep everything up until Ctrl-C; end when a program does."""
    for line in (
        "",
        f"  工作人员页面 staff page     {city.reader_url}",
        f"  GraphQL                     {city.backend_url}/graphql",
        f"  日志 logs                   {city.data_dir / 'logs'}",
        f"  手机画面 the phone's screen {city.screen_dir}",
        "",
        f"  短信收件箱 SMS inbox        {city.known.inbox_url}",
        "",
        "  接下来可以试 what to try next",
        "  · 请家人代办：在另外两个终端里各开一部手机",
        "    let family act for you: open a phone in each of two other terminals",
        *_family_lines(city),
        f"  · 把手机画面拷到 {city.camera_dir}，看 1 号通道怎么回答",
        f"    copy a picture of the phone into {city.camera_dir} and watch lane 1",
        "  · 挂失这张卡，几秒后再扫一次：python -m backend --help",
        "    suspend the card and scan again some seconds later: python -m backend --help",
        "  · Ctrl-C 停止 stops everything",
    ):
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
    while True:
        time.sleep(0.5)
        check_interruption()
        for program in city.programs.values():
            program.require_alive()


def _family_lines(city: City) -> list[str]:
    return [
        f"      make phone WHO={who:<12} {one.masked_name} · 登录 sign in: {one.phone}"
        for who, one in city.known.family.items()
    ]


if __name__ == "__main__":
    raise SystemExit(main())
