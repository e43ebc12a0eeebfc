"""Answers in the order of the questions, by several processes. Only so much is under way at once: memory stays flat."""
from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice

_TOGETHER = 16  # questions that a process is given at once


class Workers:
    """`jobs` processes that answer questions by `function`; `lost` answers one that ends its process."""

    def __init__(self, jobs: int, function: Callable, lost: Callable) -> None:
        self._jobs, self._function, self._lost = jobs, function, lost
        self._pool = ProcessPoolExecutor(jobs)

    def answers(self, questions: Iterable) -> Iterator:
        """The answers, in order."""
        waiting: deque[tuple[list, Future]] = deque()
        questions = iter(questions)
        try:
            while some := list(islice(questions, _TOGETHER)):
                waiting.append((some, self._asked(some)))
                if len(waiting) > 2 * self._jobs:
                    yield from self._got(*waiting.popleft())
            while waiting:
                yield from self._got(*waiting.popleft())
        finally:
            self._pool.shutdown(cancel_futures=True)

    def _asked(self, questions: list) -> Future:
        try:
            return self._pool.submit(_all, self._function, questions)
        except BrokenProcessPool:
            self._pool = ProcessPoolExecutor(self._jobs)
            return self._pool.submit(_all, self._function, questions)

    def _got(self, questions: list, future: Future) -> list:
        try:
            return future.result()
        except BrokenProcessPool:
            return [self._alone(question) for question in questions]

    def _alone(self, question: object) -> object:
        """The answer to one of those among which one has ended its process, all others' with it."""
        with ProcessPoolExecutor(1) as pool:
            try:
                return pool.submit(self._function, question).result()
            except BrokenProcessPool:
                return self._lost(question)


def _all(function: Callable, questions: list) -> list:
    return [function(question) for question in questions]
