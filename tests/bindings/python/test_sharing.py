"""One model in several threads and processes."""

import concurrent.futures as futures
import multiprocessing
import os
import sys
import threading
import time

import pytest

import dinghy
import numpy as np


@pytest.fixture(scope="module")
def request_(request_of):
    return request_of()


def score(model, request):
    return model.score(**request)


def test_threads_share_a_model(model, request_):
    expected = model.score(**request_)
    small = {**request_, "history": {name: [] for name in request_["history"]}}
    expected_small = model.score(**small)

    def many(_):
        return all(
            np.array_equal(model.score(**request_), expected) and np.array_equal(model.score(**small), expected_small)
            for _ in range(100)
        )

    with futures.ThreadPoolExecutor(8) as pool:
        assert all(pool.map(many, range(16)))


def test_threads_take_turns_with_a_user(model, request_):
    user = model.user(user=request_["user"], history=request_["history"])
    expected = user.score(request_["candidates"])
    with futures.ThreadPoolExecutor(8) as pool:
        for scores in pool.map(lambda _: user.score(request_["candidates"]), range(200)):
            assert np.array_equal(scores, expected)


def test_scoring_lets_other_threads_run(model_path, request_):
    model = dinghy.open(model_path, isa="reference")
    page = {name: np.resize(values, 20_000) for name, values in request_["candidates"].items()}
    done, ticks = threading.Event(), []

    def tick():
        while not done.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    thread = threading.Thread(target=tick)
    thread.start()
    began = time.perf_counter()
    model.score(**{**request_, "candidates": page})
    ended = time.perf_counter()
    done.set()
    thread.join()
    sys.setswitchinterval(interval)
    assert sum(began < at < ended for at in ticks) > 3


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_share_a_model(model, request_, method):
    expected = model.score(**request_)
    with futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as pool:
        for scores in pool.map(score, [model] * 4, [request_] * 4):
            assert np.array_equal(scores, expected)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_scores_with_what_its_parent_opened(model, request_):
    user = model.user(user=request_["user"], history=request_["history"])
    expected = user.score(request_["candidates"])
    child = os.fork()
    if child == 0:
        equal = np.array_equal(user.rescore(), expected) and np.array_equal(model.score(**request_), expected)
        os._exit(0 if equal else 1)
    assert os.waitpid(child, 0)[1] == 0
