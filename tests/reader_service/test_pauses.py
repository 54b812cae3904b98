"""The interpreter's own pauses: short while lanes are served, and as they were afterwards."""

import gc
import sys
import time

from reader_service.pauses import short_pauses


def _full_collection() -> float:
    begun = time.thread_time()
    gc.collect()
    return time.thread_time() - begun


def test_the_collector_need_not_walk_what_was_loaded_before() -> None:
    gc.collect()
    loaded = [[number] for number in range(50_000)]
    before = _full_collection()

    with short_pauses():
        within = min(_full_collection() for _ in range(3))

    assert within < before / 10
    assert gc.get_freeze_count() == 0
    assert len(loaded) == 50_000


def test_who_waited_for_a_card_waits_no_longer_for_a_thread_that_computes() -> None:
    before = sys.getswitchinterval()

    with short_pauses():
        assert sys.getswitchinterval() < before / 4

    assert sys.getswitchinterval() == before
