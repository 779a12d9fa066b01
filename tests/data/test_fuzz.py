"""Damaged files, thousands of them: a reader raises a DataError of one line, or gives arrays of the right form; in bounded
memory and time. Each reader runs in a process of its own, in which nothing may take more.

WORKBOOK_FUZZ is the number of files of all readers together:

    WORKBOOK_FUZZ=100000 python -m pytest tests/data/test_fuzz.py --timeout 7200
"""

import functools
import gzip
import io
import json
import os
import resource
import signal
import struct
import subprocess
import sys
import tarfile
import tempfile
import traceback
import warnings
from pathlib import Path

import numpy as np
import pytest
from damaging import damage, in_gzip, in_png, in_sealed, in_tar, in_zip

ROOT = Path(__file__).resolve().parents[2]
COUNT = int(os.environ.get("WORKBOOK_FUZZ", "1100"))
SECONDS, MEMORY, BYTES = 5, 300 << 20, 1 << 20      # a file; a process, beside what it has before; written by a process to a file
ORDINARY = np.random.default_rng(7)


# --- Readers: each makes its files, and says which are damaged and how ------------------------------------------------
def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def idx_files(folder, suffix, pack):
    arrays = ORDINARY.integers(0, 256, (3, 28, 28), dtype=np.uint8), np.array([2, 0, 9], np.uint8)
    return [write(folder / "mnist" / f"t10k-{name}-ubyte{suffix}",
                  pack(bytes((0, 0, 8, a.ndim)) + struct.pack(f">{a.ndim}I", *a.shape) + a.tobytes()))
            for name, a in zip(("images-idx3", "labels-idx1"), arrays)]


def batches():
    return {f"{name}.bin": bytes([i]) + ORDINARY.bytes(3072) for i, name in enumerate([f"data_batch_{j}" for j in range(1, 6)] + ["test_batch"])}


def cifar_tar(folder):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz", format=tarfile.PAX_FORMAT, compresslevel=1) as archive:
        for name, content in batches().items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size, member.pax_headers = len(content), {"comment": "x" * 9}
            archive.addfile(member, io.BytesIO(content))
    return [write(folder / "cifar10" / "cifar-10-binary.tar.gz", made.getvalue())]


def cifar_npz(folder):
    made = io.BytesIO()
    np.savez(made, images=ORDINARY.integers(0, 256, (3, 32, 32, 3), dtype=np.uint8), labels=np.array([3, 5, 3], np.uint8))
    return [write(folder / "cifar10" / "a_test.npz", made.getvalue())]


def imori_files(folder, form="JPEG"):
    from PIL import Image
    made, mask = io.BytesIO(), io.BytesIO()
    grey = ORDINARY.integers(0, 256, (9, 7), dtype=np.uint8)
    image = Image.fromarray(grey.astype(np.uint16) * 257) if form == "PNG" else Image.fromarray(grey).convert("RGB")
    image.save(made, format=form)
    Image.fromarray((grey > 99).astype(np.uint8)).save(mask, format="PNG")
    return [write(folder / "imori/test/images/akahara/a.jpg", made.getvalue()), write(folder / "imori/test/seg_images/akahara/a.png", mask.getvalue())]


def off_file(folder):
    corners = [(x, y, z) for x in (0, 0.5) for y in (-1.25, 1) for z in (2, 3)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7), (2, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    text = f"OFF\n{len(corners)} {len(faces)} 0\n" + "".join("%g %g %g\n" % corner for corner in corners)
    text += "".join(f"{len(face)} {' '.join(map(str, face))}\n" for face in faces)
    return [write(folder / "ModelNet40/bed/test/bed_0001.off", text.encode())]


def drawn_file(folder):
    from harness.data import load, module
    source = module("newts")
    drawing = source.load("test", 4, 5, 32, 0)
    source.load = lambda *_: drawing        # to draw anew takes seconds, and is not what is tested
    load("newts", "test", height=4, width=5, number=32)
    return [next((folder / "newts").iterdir())]


@functools.cache
def some_digits():
    from harness.data import load
    return load("digits", "train", number=20)


def classifier(folder):
    """What ``evaluate`` keeps; not trained, which takes seconds and is not what is tested. A DataError where it is not what is kept."""
    from harness.data import DataError
    from harness.views.features import Classifier
    Classifier._train, data = lambda *_: None, some_digits()
    made = Classifier(data, folder)
    for note in made.notes:
        raise DataError(note)
    assert made(data.images[:2]).shape == (2, made.number) and 0 <= made.accuracy <= 1
    return data


def classifier_file(folder):
    classifier(folder)
    return [next(folder.glob("lenet-*"))]


READERS = {     # name: (data set, its files, damage to each of them)
    "idx": ("mnist", lambda folder: idx_files(folder, "", bytes), [damage, damage]),
    "idx.gz": ("mnist", lambda folder: idx_files(folder, ".gz", lambda data: gzip.compress(data, 1)), [in_gzip, in_gzip]),
    "tar": ("cifar10", cifar_tar, [in_tar]),
    "bin": ("cifar10", lambda folder: [write(folder / "cifar10" / name, content) for name, content in batches().items()], [damage] * 6),
    "npz": ("cifar10", cifar_npz, [in_zip]),
    "jpeg": ("imori", imori_files, [damage, in_png]),
    "png": ("imori", lambda folder: imori_files(folder, "PNG"), [in_png, in_png]),
    "off": ("depth", off_file, [damage]),
    "drawn": ("newts", drawn_file, [damage]),
    "classifier": ("digits", classifier_file, [in_sealed]),
}


# --- In a process of its own ------------------------------------------------------------------------------------------
class TooLong(BaseException):
    """No reader can catch it."""


def too_long(*_):
    raise TooLong(f"more than {SECONDS} seconds")


def check_form(data, whole):
    assert data.images.dtype == np.uint8 and data.images.ndim == 4 and len(data.images) >= 1
    assert data.images.shape[1:] == whole.images.shape[1:]
    assert data.labels.dtype == np.int64 and data.labels.shape == data.images.shape[:1]
    assert 0 <= data.labels.min() and data.labels.max() < len(data.class_names)
    if whole.masks is not None:
        assert data.masks.dtype == np.uint8 and data.masks.shape == data.images.shape[:3] and data.masks.max() <= len(data.class_names)


def one(name, folder, files, originals, rng, damages, load):
    """Damage one of the files, and read; returns "read" or "refused"."""
    from harness.data import DataError
    which = rng.integers(len(files))
    files[which].write_bytes(damages[which](originals[which], rng))
    try:
        data = load()
    except DataError as error:
        assert "\n" not in str(error) and str(folder) in str(error) and len(str(error)) < 1000, str(error)[:2000]
        return None
    finally:
        files[which].write_bytes(originals[which])
    return data


def fuzz(name, count, seed):
    """Read `count` damaged files; a dict of what came of it."""
    from harness import data as datasets
    kind, make, damages = READERS[name]
    failures, outcomes = [], {"read": 0, "refused": 0}
    with tempfile.TemporaryDirectory() as place:
        os.environ["WORKBOOK_CACHE"] = place
        folder = Path(place)
        files = make(folder)
        originals = [path.read_bytes() for path in files]
        settings = {"height": 4, "width": 5, "number": 32} if name == "drawn" else {"height": 8, "width": 8, "number": 8}

        def load():
            if name == "classifier":
                return classifier(folder)
            return datasets.load(kind, "test", data_dir=folder, **settings)

        whole = load()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
        resource.setrlimit(resource.RLIMIT_AS, (before + (4 << 30),) * 2)
        resource.setrlimit(resource.RLIMIT_FSIZE, (BYTES,) * 2)
        signal.signal(signal.SIGALRM, too_long)
        for i in range(count):
            signal.setitimer(signal.ITIMER_REAL, SECONDS)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error", RuntimeWarning)      # of NumPy: numbers that are none
                    found = one(name, folder, files, originals, np.random.default_rng([seed, i]), damages, load)
                outcomes["refused" if found is None else "read"] += 1
                if found is not None:
                    check_form(found, whole)
                    if name == "drawn":     # the cache is none of the user's: what was not written there is not believed
                        assert np.array_equal(found.images, whole.images) and np.array_equal(found.masks, whole.masks)
            except BaseException:
                failures.append(f"{name}, seed [{seed}, {i}]: {traceback.format_exc()}")
                if len(failures) > 20:
                    break
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    return {"failures": failures, "memory": after - before, **outcomes}


@pytest.mark.sampled
@pytest.mark.parametrize("name", READERS)
def test_damaged_files(name, record_property):
    count = max(20, COUNT // len(READERS))
    process = subprocess.run([sys.executable, __file__, name, str(count), os.environ.get("WORKBOOK_FUZZ_SEED", "0")], cwd=ROOT,
                             env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60 + count * SECONDS)
    assert process.returncode == 0, process.stderr[-3000:]
    found = json.loads(process.stdout)
    print({key: value for key, value in found.items() if key != "failures"})
    assert not found["failures"], "\n".join(found["failures"][:3])
    assert found["memory"] < MEMORY
    assert found["read"] and (found["refused"] or name == "drawn")


if __name__ == "__main__":
    print(json.dumps(fuzz(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
