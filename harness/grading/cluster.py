"""Judges on the machines of an existing Dask cluster: the same pieces, and results that come back to the one place that writes them."""

import hashlib
import platform
from concurrent.futures import BrokenExecutor, Future
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import distributed

from harness import __version__, frameworks
from harness.grading.judge import Piece, Result
from harness.grading.queue import judged
from harness.messages import WorkbookError
from harness.tasks import content

SECONDS = 30            # to reach the scheduler


def about() -> dict[str, str]:
    """The versions of this machine that have a say in a verdict, by name."""
    found = {"workbook": __version__, "Python": platform.python_version()}
    for name in ("numpy", *sorted({module for names in frameworks.IMPORTED.values() for module in names})):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    digest = hashlib.sha256()
    for folder in ("questions", "answers"):
        for path in sorted((content.ROOT / folder).rglob("*")):
            if path.suffix in (".toml", ".py", ".npz", ".json"):
                digest.update(path.relative_to(content.ROOT).as_posix().encode() + path.read_bytes())
    return found | {"questions and answers": digest.hexdigest()[:12]}


class Cluster:
    """Judges on a cluster. Raises WorkbookError if it cannot be reached, has no worker, or has other versions than are here."""

    def __init__(self, address: str):
        try:
            self.client = distributed.Client(address, timeout=SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise WorkbookError(f"no Dask scheduler answers at {address} ({error}): is it running, and the address right?") from None
        threads = self.client.nthreads()
        if not threads:
            self.client.close()
            raise WorkbookError(f"the Dask cluster at {address} has no worker")
        self.size = sum(threads.values())
        self._compare(self.client.run(about))

    def _compare(self, there: dict[str, dict[str, str]]) -> None:
        here = about()
        differ = [f"{worker} has {name} {found.get(name)}, here it is {version}"
                  for worker, found in there.items() for name, version in here.items() if found.get(name) != version]
        if differ:
            self.client.close()
            raise WorkbookError(f"the cluster's machines are not as this one is, so that verdicts could differ: {'; '.join(differ)}")

    def submit(self, piece: Piece) -> "Future[Result]":
        """Have ``piece`` judged; a worker that dies is noticed by Dask, and its piece repeated."""
        promised: Future[Result] = Future()
        promised.set_running_or_notify_cancel()

        def hear(future: "distributed.Future[Any]") -> None:
            error = future.exception()
            if error is None:
                promised.set_result(future.result())
            else:
                promised.set_exception(BrokenExecutor(str(error)))

        self.client.submit(judged, piece, pure=False).add_done_callback(hear)
        return promised

    def mend(self) -> None:
        """Nothing: Dask starts its workers itself."""

    def close(self) -> None:
        """Leave the cluster, which goes on."""
        self.client.close()
