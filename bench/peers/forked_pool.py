"""A process that forks a child for each line of code it reads, and prints what came of it. Ends when its input does."""

from __future__ import annotations

import multiprocessing
import sys
from multiprocessing.connection import Connection


def evaluate(code: str, answers: Connection) -> None:
    answers.send(repr(eval(code, {})))


def main() -> None:
    fork = multiprocessing.get_context("fork")
    for line in sys.stdin:
        ours, theirs = fork.Pipe(duplex=False)
        child = fork.Process(target=evaluate, args=(line.strip(), theirs))
        child.start()
        theirs.close()
        print(ours.recv(), flush=True)
        child.join()


if __name__ == "__main__":
    main()
