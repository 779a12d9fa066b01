"""The same queue on a Dask cluster: results are those of this machine, a worker that is killed loses nothing."""

import os
import signal

import pytest

from harness import tasks
from harness.grading.queue import Grading, pieces
from harness.grading.submission import Submission
from harness.messages import WorkbookError
from harness.tasks import mistakes
from harness.work import stub

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def cluster():
    distributed = pytest.importorskip("distributed", reason="Dask is an extra")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local:
        yield local


def submissions():
    task = tasks.load("ae")
    right = stub.solution(tasks.answer_path(task, "chainer").read_text(encoding="utf-8"))
    sources = {"right": right, **{name: mistakes.edited(right, edits) for name, edits in mistakes.edits(task, "chainer").items()}}
    return [Submission(name, "ae", "chainer", "ae_chainer.py", source.encode()) for name, source in sources.items()][:7]


def test_a_worker_is_killed_on_the_way(cluster, tmp_path):
    from harness.grading.cluster import Cluster

    grading, pool, results = Grading.begin(tmp_path), Cluster(cluster.scheduler_address), []
    assert pool.size == 2
    for result in grading.run(pieces(submissions(), grading, "each"), pool):
        results.append(result)
        if len(results) == 2:
            os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
    pool.close()
    assert len(results) == 7 and {r["student"]: r["state"] for r in results} == {
        submission.student: "passed" if submission.student == "right" else "wrong" for submission in submissions()}
    assert all(r["student"] in [m["name"] for m in r["mistakes"]] for r in results if r["state"] == "wrong")


def test_other_versions_are_named_before_work_begins(cluster, monkeypatch):
    from harness.grading import cluster as clusters

    monkeypatch.setattr(clusters, "__version__", "9.9")
    with pytest.raises(WorkbookError, match=r"has workbook \S+, here it is 9.9"):
        clusters.Cluster(cluster.scheduler_address)


def test_nobody_answers():
    pytest.importorskip("distributed")
    from harness.grading import cluster as clusters

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clusters, "SECONDS", 1)
        with pytest.raises(WorkbookError, match="no Dask scheduler answers at tcp://127.0.0.1:1"):
            clusters.Cluster("tcp://127.0.0.1:1")
        with pytest.raises(WorkbookError, match="no Dask scheduler answers at nonsense"):
            clusters.Cluster("nonsense://x")
