#!/usr/bin/env python3
"""Vector search by hnswlib and faiss, on the vectors that `cargo bench --bench vectors` has written.

`peers.py [--engine NAME] [SET…]` measures all sets that are there, or those named, with the engines whose names begin
so, and adds lines to `results.jsonl` beside the sets, as `qsearch-peers` does. Needs numpy, hnswlib and faiss-cpu; an engine that isn't installed is left out, and that is said.

Indexes are built on all cores and searched on one thread, all queries in one call, so that Python costs nothing. Each
step runs in a process of its own: this program starts itself again. Memory includes that of Python.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "target" / "bench-vectors"
DIM, K = 384, 10
BREADTHS = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536]
# Passes over the queries, of which the best counts; no more are begun after so many seconds.
PASSES, SECONDS = 3, 20
# How many processes open the index; the median counts.
OPENINGS = 5
# Cosines that differ by less are the same: engines add up in different orders.
TOLERANCE = 1e-6
EF_CONSTRUCTION = 200


def memory(field):
    """A figure of this process in MiB, as Linux tells it, or None."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    line = next((line for line in status.splitlines() if line.startswith(field + ":")), None)
    return line and int(line.split()[1]) / 1024


class Hnswlib:
    """hnswlib on 32-bit floats."""

    name, module = "hnswlib f32", "hnswlib"

    def __init__(self, m):
        import hnswlib

        self.m = m
        self.index = hnswlib.Index(space="ip", dim=DIM)

    def build(self, base, path):
        self.index.init_index(max_elements=len(base), M=self.m, ef_construction=EF_CONSTRUCTION)
        self.index.add_items(base, num_threads=os.cpu_count())
        return lambda: self.index.save_index(str(path))

    def open(self, path):
        self.index.load_index(str(path))

    def search(self, queries, ef):
        # It finds no more than ef.
        self.index.set_ef(max(ef, K))
        return self.index.knn_query(queries, k=K, num_threads=1)[0]


class Faiss:
    """faiss's HNSW on 32-bit floats."""

    name, module = "faiss HNSW f32", "faiss"

    def __init__(self, m):
        import faiss

        self.faiss, self.m, self.index = faiss, m, None

    def empty(self):
        return self.faiss.IndexHNSWFlat(DIM, self.m, self.faiss.METRIC_INNER_PRODUCT)

    def build(self, base, path):
        self.faiss.omp_set_num_threads(os.cpu_count())
        self.index = self.empty()
        self.index.hnsw.efConstruction = EF_CONSTRUCTION
        self.index.train(base)
        self.index.add(base)
        return lambda: self.faiss.write_index(self.index, str(path))

    def open(self, path):
        self.faiss.omp_set_num_threads(1)
        self.index = self.faiss.read_index(str(path))

    def search(self, queries, ef):
        self.index.hnsw.efSearch = ef
        return self.index.search(queries, K)[1]


class FaissSq8(Faiss):
    """faiss's HNSW on 8-bit numbers."""

    name = "faiss HNSW SQ8"

    def empty(self):
        kind = self.faiss.ScalarQuantizer.QT_8bit
        return self.faiss.IndexHNSWSQ(DIM, kind, self.m, self.faiss.METRIC_INNER_PRODUCT)


ENGINES = [(engine, m) for engine in (Hnswlib, Faiss, FaissSq8) for m in (16, 32)]


def read(set_, name):
    """The vectors in a file of a set."""
    import numpy

    return numpy.fromfile(ROOT / set_ / name, dtype="<f4").reshape(-1, DIM)


def index_path(set_, engine, m):
    """Where the index of an engine is saved."""
    return ROOT / set_ / "peers" / f"{engine.name.replace(' ', '-')}-{m}.index"


def run_step(step, number, set_):
    """Runs one step and returns what it measured, the rows found beside."""
    import numpy

    engine, m = ENGINES[number]
    path = index_path(set_, engine, m)
    if step == "build":
        base = read(set_, "base.f32")
        path.parent.mkdir(exist_ok=True)
        index = engine(m)
        start = time.perf_counter()
        save = index.build(base, path)
        seconds = time.perf_counter() - start
        save()
        return {"build_s": seconds, "build_mib": memory("VmHWM")}
    queries = read(set_, "queries.f32")
    index = engine(m)
    before = memory("RssAnon")
    start = time.perf_counter()
    index.open(path)
    index.search(queries[:1], 64)
    milliseconds = (time.perf_counter() - start) * 1e3
    after = memory("RssAnon")
    if step == "open":
        return {"open_ms": milliseconds, "anonymous_mib": after and after - before}
    rates, found = [], []
    for ef in BREADTHS:
        best, begun = float("inf"), time.perf_counter()
        for done in range(PASSES):
            if done and time.perf_counter() - begun > SECONDS:
                break
            start = time.perf_counter()
            rows = index.search(queries, ef)
            best = min(best, time.perf_counter() - start)
        rates.append(len(queries) / best)
        found.append(rows.astype("i8"))
    numpy.save(path.with_suffix(".found.npy"), numpy.stack(found))
    return {"rss_mib": memory("VmHWM"), "rates": rates}


def start_step(step, number, set_):
    """Runs one step in a process of its own."""
    command = [sys.executable, __file__, "--step", step, str(number), set_]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def recall(base, queries, truth, found):
    """The share of what should be found that was, as the benchmark of the store counts it."""
    import numpy

    hits = 0
    for query, nearest, rows in zip(queries, truth, found):
        rows = numpy.unique(rows[rows >= 0])
        enough = base[nearest[-1]] @ query - TOLERANCE
        hits += min(int((base[rows] @ query >= enough).sum()), K)
    return hits / truth.size


def measure(number, set_):
    """Yields the results of an engine on a set, one for each breadth."""
    import numpy

    engine, m = ENGINES[number]
    built = start_step("build", number, set_)
    opened = [start_step("open", number, set_) for _ in range(OPENINGS)]
    searched = start_step("search", number, set_)
    base, queries = read(set_, "base.f32"), read(set_, "queries.f32")
    truth = numpy.fromfile(ROOT / set_ / "truth.u32", dtype="<u4").reshape(-1, K)
    path = index_path(set_, engine, m)
    found = numpy.load(path.with_suffix(".found.npy"))
    anonymous = [one["anonymous_mib"] for one in opened if one["anonymous_mib"] is not None]
    common = {
        "engine": engine.name,
        "set": set_,
        "run": int(time.time()),
        "rows": len(base),
        "parameters": f"M {m}, ef_construction {EF_CONSTRUCTION}",
        "filter": None,
        "left": 1.0,
        "build_s": built["build_s"],
        "bytes": path.stat().st_size / len(base),
        "open_ms": statistics.median(one["open_ms"] for one in opened),
        "build_mib": built["build_mib"],
        "rss_mib": searched["rss_mib"],
        "anonymous_mib": statistics.median(anonymous) if anonymous else None,
    }
    for ef, rate, rows in zip(BREADTHS, searched["rates"], found):
        yield {**common, "ef": ef, "recall": recall(base, queries, truth, rows), "qps": rate}


def installed(engine):
    """Whether an engine's module is there."""
    import importlib.util

    return importlib.util.find_spec(engine.module) is not None


def main():
    if sys.argv[1:2] == ["--step"]:
        print(json.dumps(run_step(sys.argv[2], int(sys.argv[3]), sys.argv[4])))
        return
    arguments, wanted = sys.argv[1:], ""
    if arguments[:1] == ["--engine"] and len(arguments) > 1:
        wanted, arguments = arguments[1], arguments[2:]
    if not any(engine.name.startswith(wanted) for engine, _ in ENGINES):
        sys.exit(f"no engine's name begins with `{wanted}`")
    sets = arguments or sorted(path.parent.name for path in ROOT.glob("*/truth.u32"))
    if not sets:
        sys.exit("run `cargo bench --bench vectors` first: it writes the vectors")
    for set_ in sets:
        for number, (engine, m) in enumerate(ENGINES):
            if not engine.name.startswith(wanted):
                continue
            if not installed(engine):
                print(f"NOT MEASURED: {engine.name}; pip install {engine.module}", file=sys.stderr)
                continue
            with open(ROOT / "results.jsonl", "a", encoding="ascii") as results:
                for line in measure(number, set_):
                    print(json.dumps(line), file=results)
                    name = f"{engine.name}, {line['parameters']}"
                    print(f"{set_} {name:<44} ef {line['ef']:<4} recall {line['recall']:.4f} {line['qps']:>8.0f}/s")


main()
