"""Where the files of a data set come from.

In this order: the directory the user names, the one in WORKBOOK_DATA, Debian's /usr/share/datasets, the cache, and
at last a download into the cache. `source` is the module of a data set that lives in files; it offers

    INFO               its description
    BASE, SHA256       the public address and {path below it: checksum}, for the download
    files(directory)   {split: [files of it that are there]}, without the splits that are not there at all

Downloads are checked by SHA-256. Files that users bring are checked by structure, where they are read: the same
images are often compressed anew, and then have another checksum.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import IO

from harness.data.dataset import DataError

SYSTEM = Path("/usr/share/datasets")  # filled by Debian's package dataset-fashion-mnist
TIMEOUT = 30  # seconds without an answer


@contextmanager
def whole(path: Path, part: str = ".part") -> Iterator[IO[bytes]]:
    """Open a binary file that becomes `path` when all is written: at any moment `path` is the old file or the new one, whole,
    also if the process is killed or the power fails. `part`: what is added to the name meanwhile.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_name(path.name + part)
    try:
        with open(written, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(written, path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise


def folders(name: str) -> tuple[str, str]:
    """The names that the folder of a data set may have."""
    return name, name.replace("_", "-")


def roots(data_dir: Path | None = None) -> list[Path]:
    """Return the directories to look in, the user's first; DataError if one that the user named is not there."""
    named = {"data directory": data_dir, "WORKBOOK_DATA": os.environ.get("WORKBOOK_DATA")}
    directories = []
    for setting, value in named.items():
        if value:
            directory = _home(Path(value), setting)
            if not _is_directory(directory):
                raise DataError(f"{directory}: no such directory ({setting}); correct the path or leave it out")
            directories.append(directory)
    return [*directories, SYSTEM]


def _home(path: Path, setting: str) -> Path:
    """The path with its ~ or ~NAME written out."""
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise DataError(f"{path}: there is no such home directory ({setting}); correct the path or leave it out") from error


def _is_directory(path: Path) -> bool:
    """Whether it is there. Raises DataError on one that may not be listed or entered, where files would seem not to be there."""
    try:
        there = path.is_dir()
    except OSError as error:        # a folder above may not be entered; a name is too long
        raise DataError(f"{path}: this directory cannot be read ({error.strerror}); correct the path or its permissions") from error
    if there and not os.access(path, os.R_OK | os.X_OK):
        raise DataError(f"{path}: you have no permission to read it; change that (chmod u+rx), or name another directory")
    return there


def find(source: ModuleType, others: set[str], data_dir: Path | None = None) -> Path | None:
    """Return the first directory, the cache aside, that holds files of the data set, or None. Raises DataError on one that may
    not be read.

    others: the names of other data sets' folders. The directory itself is looked at only if it is none of these.
    """
    own = folders(source.INFO.name)
    for root in roots(data_dir):
        candidates = [root / folder for folder in own]
        if Path(os.path.realpath(root)).name not in others.difference(own):  # MNIST and Fashion-MNIST have the same file names
            candidates.append(root)
        for directory in candidates:
            if not _is_directory(directory):
                continue
            try:
                found = source.files(directory)
            except OSError as error:
                raise DataError(f"{error.filename or directory}: cannot be read ({error.strerror}); "
                                "change its permissions, or name another directory") from error
            if found:
                return directory
    return None


def cache(name: str) -> Path:
    """Return the folder of a data set in the cache, whether it is there or not."""
    root = os.environ.get("WORKBOOK_CACHE")
    if not root:
        import pooch
        root = pooch.os_cache("image-generation-workbook")
    return _home(Path(root), "WORKBOOK_CACHE") / name


def is_cached(source: ModuleType) -> bool:
    """Whether the cache holds every file of the data set."""
    try:
        return all((cache(source.INFO.name) / path).is_file() for path in source.SHA256)
    except OSError:     # it may not be entered
        return False


def obtain(source: ModuleType, others: set[str], data_dir: Path | None = None) -> Path:
    """Return a directory that holds files of the data set; download them if there is none."""
    return find(source, others, data_dir) or download(source, roots(data_dir))


def download(source: ModuleType, searched: Sequence[Path] = ()) -> Path:
    """Return the cache's folder of the data set, with every file in it: those missing or damaged are downloaded.

    A file is written under another name, checked, and then moved to its own: none is ever there by halves. Raises
    DataError; its message mentions the directories `searched` before.
    """
    import pooch
    pooch.get_logger().setLevel("WARNING")
    name = source.INFO.name
    directory = cache(name)
    if sys.stderr.isatty() and not is_cached(source):
        print(f"downloading {name} from {source.BASE} into {directory}", file=sys.stderr)
    for path, digest in source.SHA256.items():
        target = directory / path
        try:
            pooch.retrieve(source.BASE + path, known_hash=digest, fname=target.name, path=target.parent,
                           downloader=pooch.HTTPDownloader(timeout=TIMEOUT, chunk_size=1 << 16))
        except (OSError, ValueError) as error:
            lacking = f"{name} was not found in {' or '.join(map(str, searched))}, and " if searched else ""
            raise DataError(f"{lacking}{source.BASE}{path} cannot be downloaded into {directory}: {reason(error)}; "
                            f"download it yourself to DIR/{name}/{path} and use --data-dir DIR") from error
    return directory


def reason(error: Exception) -> str:
    """Say in a few words, on one line, why a download failed."""
    import requests
    match error:
        case requests.HTTPError() if error.response is not None:
            return f"the server answered {error.response.status_code}"
        case requests.exceptions.ChunkedEncodingError():
            return "the connection was closed"
        case requests.RequestException() if "timed out" in str(error):
            return "the server does not answer"
        case requests.RequestException():
            return f"no connection ({type(error).__name__})"
        case ValueError():
            return "wrong checksum (SHA-256)"
    return " ".join(str(error).split())
