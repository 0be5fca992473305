"""A process that drives one checkout on a stack of its own: `python -m benchmarks.driver CHECKOUT [hurried]`.

With `hurried`, cases of every process can be played, by a worker that does not wait for days. It reads one JSON object
a line on standard input and writes its answer as one line; it ends, and the stack with it, when its input ends. A
process for each checkout, since two versions of the product do not fit into one.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import sys
import tempfile
import time
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.session import HURRIED, end_well_when_terminated, helper

HERE = Path(__file__).resolve().parent
WORKER = "worker"


def load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def product_of(checkout: Path) -> Any:
    """How this checkout is driven: by its own `product.py`; one from before has `ours.py`."""
    own = checkout / "benchmarks" / "product.py"
    if own.exists():
        return load(own, "benchmarks_product")
    from benchmarks.before import Before

    return Before(lambda: load(checkout / "benchmarks" / "ours.py", "benchmarks_before"))


@contextmanager
def running(product: Any, *, hurried: bool = False, **more: Any) -> Iterator[tuple[Any, dict[str, int]]]:
    """The product's stack in a folder that is removed afterwards, and the processes that run beside it, by the parts
    that they stand for; PostgreSQL notes when a transaction was committed. `more` is for the stack."""
    folder = Path(tempfile.mkdtemp(prefix="countersign-bench-"))
    folder.chmod(0o755)
    stack = product.make_stack(folder, **({"without": [WORKER]} if hurried else {}), **more)
    with contextlib.ExitStack() as beside:
        try:
            stack.start()
            os.environ.update({name: value for name, value in stack.environment.items() if isinstance(value, str)})
            _note_commit_times(stack)
            workers = {}
            if hurried:
                command = [sys.executable, "-m", "benchmarks.hurried_worker"]
                workers[WORKER] = beside.enter_context(helper(command, stack.environment, "worker ready")).pid
            yield stack, workers
            beside.close()
        finally:
            stack.stop()
            shutil.rmtree(folder, ignore_errors=True)


def _note_commit_times(stack: Any) -> None:
    import psycopg

    address = stack.addresses["DATABASE_URL"].replace("postgres://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as db:
        db.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    stack.kill("postgres")
    stack.wait_ready("postgres")


class Served:
    """The commands that the driver's process knows, each a method."""

    def __init__(self, product: Any, stack: Any, beside: Mapping[str, int]) -> None:
        from benchmarks.story import Driver

        self.product, self.stack, self.beside = product, stack, beside
        self.driver = Driver(product)
        self.cards: list[Any] = []
        """What the next cases are about."""

    def about(self) -> dict[str, Any]:
        return {
            "addresses": self.stack.addresses, "load": sorted(self.product.LOAD), "outbox": self.product.OUTBOX,
        }  # fmt: skip

    def parts(self) -> dict[str, int | None]:
        """The first process of each part of the stack."""
        return {**{row.name: row.pid for row in self.stack.rows()}, **self.beside}

    def choose(self, process: str) -> None:
        """From now on cases of this process are played."""
        from benchmarks import processes
        from benchmarks.story import Driver

        self.driver = Driver(processes.script(process, self.product, self.stack.addresses))

    def prepare(self, cases: int) -> None:
        self.cards = self.driver.product.make_cards(cases)

    def play(self) -> dict[str, float]:
        """Plays a case for each prepared card: wall seconds, and CPU seconds of this process by what it did."""
        rules, mine, all_mine = self.driver.rules, time.thread_time(), time.process_time()
        seconds = self.driver.play(self.cards)
        mine, all_mine = time.thread_time() - mine, time.process_time() - all_mine
        rules = self.driver.rules - rules
        return {"seconds": seconds, "rules": rules, "looks": mine - rules, "background": max(0.0, all_mine - mine)}

    def latencies(self, at_once: int) -> list[float]:
        return self.driver.answer_to_next(self.cards, at_once=at_once)

    def last_done(self, count: int, process: str = "") -> list[str]:
        return list(self.product.last_done(count, process) if process else self.product.last_done(count))

    def rows(self, case: str) -> int:
        """How many rows a case has left, in all tables."""
        import psycopg

        from benchmarks import rows

        address = self.stack.addresses["DATABASE_URL"].replace("postgres://", "postgresql://")
        with psycopg.connect(address) as db:
            found = rows.below(db, self.product.CASES, uuid.UUID(case))
        return sum(len(those) for those in found.values())

    def statements(self) -> dict[str, int]:
        from benchmarks import statements

        return statements.of_one_case(self.driver, self.stack, self.cards)

    def grow(self, cases: int) -> list[str]:
        """Fills the database with waiting cases; gives their ids."""
        from benchmarks import cloning

        return cloning.grow(self.product, cases)


def serve(served: Served, answer: Callable[[str], Any]) -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            result = {"is": getattr(served, asked.pop("do"))(**asked)}
        except Exception as error:
            traceback.print_exc()
            result = {"error": f"{type(error).__name__}: {error}"}
        answer(json.dumps(result))


def main() -> None:
    checkout = Path(sys.argv[1]).resolve()
    sys.path[:] = [str(checkout), *(place for place in sys.path if Path(place or ".").resolve() != HERE.parent)]
    os.chdir(checkout)
    end_well_when_terminated()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    product = product_of(checkout)
    with running(product, hurried=sys.argv[2:] == [HURRIED]) as (stack, beside):
        import django

        django.setup()
        served = Served(product, stack, beside)
        print(json.dumps({"is": served.about()}), file=answers, flush=True)
        serve(served, lambda line: print(line, file=answers, flush=True))


if __name__ == "__main__":
    main()
