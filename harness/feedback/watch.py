"""Check again whenever the file is saved, with the framework loaded already."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from harness.feedback.verdict import Verdict
from harness.messages import WorkbookError

PAUSE = 0.1         # seconds between two looks at the file


def verdicts(path: Path, checked: Callable[[], Verdict]) -> Iterator[Verdict | Exception]:
    """For ever: what ``checked`` makes of ``path``, now and after each save; or why it could not be made.

    That is when the file is gone, or half a notebook: the next save may be whole.
    """
    seen = None
    while True:
        stamp = path.stat().st_mtime_ns if path.exists() else seen
        if stamp == seen:
            time.sleep(PAUSE)
            continue
        seen = stamp
        try:
            yield checked()
        except (WorkbookError, OSError) as error:
            yield error
