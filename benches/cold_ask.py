#!/usr/bin/env python3
"""Times `qsearch ask` as whole processes, over notes made up for it, and writes Markdown tables.

  cold_ask.py --qsearch target/release/qsearch                        1,000, 10,000 and 100,000 passages
  cold_ask.py --qsearch target/release/qsearch --keep FOLDER          uses the notes and indexes again next time

Every answer is from a new process, its output read through a pipe; the files are in the page cache. Questions,
instructions (QSEARCH_CPU) and sizes are measured by turns, that a busy moment hits all alike; the first turns only
warm up. `qsearch --version` tells what starting any process costs; nothing is subtracted.

The notes come out the same on every machine. They aren't prose, but their words are as unevenly frequent as in
prose, and no two passages are alike. Needs Python 3.9 on Linux or macOS.
"""
import argparse
import json
import math
import os
import platform
import random
import re
import shutil
import sys
import tempfile
import time

SECTIONS = 20  # per note, each one passage
NOTES_PER_FOLDER = 100
LEAST_WORDS = 25  # in a section; the last sentence may add some 14
FLAT = 4  # about so many words are equally frequent, the first ones
WARM_UPS = 7

QUESTIONS = [
    "what is the GIL",
    "how does the cache know when an entry is stale",
    "why is my loop not faster with threads",
    "what happens to an open transaction when the connection is lost",
    "asyncio.gather cancels tasks",
    "difference between a shallow and a deep copy of a dictionary",
    "where did we note the memory limit of the Lisbon cluster",
]

# What the templates' slots take: the earlier in its list, the more often, by the law of Zipf and Mandelbrot.
NOUNS = """
function list value memory object thread process file string class module error index key cache loop model test
query task data type method table server request lock event buffer queue stream token package iterator generator
decorator dictionary tuple variable argument exception interpreter garbage reference pointer stack heap frame scope
closure attribute instance descriptor metaclass property protocol interface library dependency version release branch
commit merge patch build compiler parser lexer grammar syntax statement expression operator operand literal comment
column row record schema field cursor transaction connection session pool socket port packet header payload router
proxy gateway cluster node replica shard partition leader follower quorum snapshot backup journal checkpoint page
block sector disk volume mount kernel driver signal interrupt timer clock scheduler worker consumer producer broker
topic message batch window latency throughput bandwidth bottleneck profiler benchmark metric counter gauge histogram
trace span logger handler filter formatter vector matrix tensor gradient layer neuron weight bias kernel embedding
encoder decoder attention transformer tokenizer vocabulary corpus sample feature label classifier cluster regression
forest tree leaf root graph edge vertex path cycle queue heap array slice range offset pointer length capacity bucket
hash digest cipher certificate secret password account permission role policy audit incident alert dashboard runbook
notebook cell kernel widget template renderer browser cookie form button menu layout style font pixel image canvas
shader texture mesh camera robot sensor actuator battery engine turbine valve pump bridge tunnel harbour garden
kitchen recipe dough oven yeast flour violin sonata chapter essay novel poem grammar letter archive museum treaty
census harvest glacier volcano comet orbit telescope enzyme protein neuron vaccine antibody fossil mineral
""".split()
PREFIXES = "sub meta micro multi inter auto hyper pseudo semi proto mega ultra counter trans".split()
ADJECTIVES = """
lazy global local immutable mutable shallow deep stale fresh slow fast nested recursive atomic concurrent parallel
asynchronous blocking idle busy hot cold sparse dense sorted random stable unstable private public abstract concrete
generic static dynamic strict loose weak strong circular linear binary decimal signed optional default missing empty
full broken clean dirty remote nearby shared exclusive temporary permanent hidden visible ancient modern northern
frozen molten fragile robust cheap costly noisy quiet narrow broad
""".split()
VERBS = """
return load call read write open close wait run stop start yield import raise handle sort filter join split parse
encode decode lock release cancel repeat reload restart invoke allocate collect free share clone merge commit rebase
deploy measure trace profile sample train predict evaluate tune shrink encrypt sign validate render schedule drain
rotate append insert remove replace rename mount resume pause observe ignore forget remember explain review
""".split()
NAMES = """
asyncio.gather asyncio.wait_for itertools.chain functools.wraps functools.lru_cache collections.deque
contextlib.suppress dataclasses.field threading.Lock multiprocessing.Pool concurrent.futures json.loads json.dumps
re.compile os.path.join pathlib.Path sys.getsizeof gc.collect weakref.ref copy.deepcopy pickle.dumps struct.unpack
typing.Protocol inspect.signature logging.getLogger subprocess.run socket.recv select.epoll time.perf_counter
GIL random.choices statistics.median heapq.heappush bisect.insort np.array np.einsum pd.merge pd.read_csv torch.no_grad
__init__ __slots__ __getattr__ __enter__ __iter__ __hash__ ValueError KeyError StopIteration TimeoutError
""".split()
PLACES = """
Lisbon Oslo Kyoto Quito Nairobi Perth Tallinn Geneva Bergen Dakar Lima Cusco Hanoi Izmir Porto Ghent Turin Malmo
Galway Leipzig Krakow Utrecht Bilbao Tartu Zagreb Ada Grace Barbara Edsger Donald Margaret Alan Radia Leslie Guido
""".split()
SENTENCES = [
    "The {a} {n} {v}s each {n} before the {n} of the {n} is {a}.",
    "A {n} that {v}s its {n} must not {v} the {a} {n} as well.",
    "In {x} we saw {d} of them {v} a {n} while the {n} was {a}.",
    "Use `{p}` if the {n} has to {v} more than one {a} {n}.",
    "With `{i}` the {n} is kept, and {x} says that the {n} {v}s it.",
    "It takes {d} ms to {v} the {n}, and {d} MB for a {a} {n}.",
    "Without a {n} the {a} {n} {v}s until `{i}` is called again.",
    "So the {n} of a {a} {n} is what `{p}` would {v}.",
    "Nobody should {v} a {n} in the {n}, for the {n} may be {a}.",
    "By default the {n} and the {n} {v} one {a} {n} between them.",
]
HEADINGS = [
    "What does the {n} {v}?", "Why is the {n} {a}?", "{A} {n} and {n}", "How to {v} a {a} {n}", "The {n} of {x}",
    "`{p}` and the {n}", "When should a {n} {v} the {n}?", "The {n} and its {n}",
]
# No questions: below one, sections that have no question of their own would be its answer, and one passage.
TITLES = ["Notes on the {a} {n}", "The {n} in {x}", "{A} {n} and other matters"]


# ---- Making notes ----

def vocabulary():
    nouns = list(dict.fromkeys(NOUNS))
    return {
        "n": nouns + [prefix + noun for prefix in PREFIXES for noun in nouns],
        "a": ADJECTIVES,
        "A": [adjective.capitalize() for adjective in ADJECTIVES],
        "v": VERBS,
        "p": NAMES,
        "x": PLACES,
        "i": [f"{verb}_{noun}" for noun in nouns for verb in VERBS],
        "d": [str(number) for number in range(2, 1000)],
    }


def note(number, sections, words):
    """One note as Markdown. Only `random()` is used, which is the same in all versions of Python."""
    chance = random.Random(number).random

    def pick(choices):
        return choices[int(FLAT * (len(choices) / FLAT + 1) ** chance()) - FLAT]

    def fill(templates):
        template = templates[int(len(templates) * chance())]
        text = re.sub(r"\{(\w)\}", lambda slot: pick(words[slot[1]]), template)
        return re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text)

    parts = []
    for _ in range(sections):
        text = fill(SENTENCES)
        while len(text.split()) < LEAST_WORDS:
            text += " " + fill(SENTENCES)
        parts.append(f"## {fill(HEADINGS)}\n\n{text}\n")
    return f"# {fill(TITLES)}\n\n" + "\n".join(parts)


def make_notes(folder, passages):
    """Writes the notes that aren't there yet; gives how many there should be."""
    words, count = vocabulary(), -(-passages // SECTIONS)
    for number in range(count):
        inside = os.path.join(folder, f"{number // NOTES_PER_FOLDER:03}")
        path = os.path.join(inside, f"{number:05}.md")
        if not os.path.exists(path):
            os.makedirs(inside, exist_ok=True)
            sections = min(SECTIONS, passages - number * SECTIONS)
            with open(path, "w", encoding="utf-8", newline="\n") as f:
                f.write(note(number, sections, words))
    return count


# ---- Running processes ----

class Done:
    """What a process printed, its exit status, its milliseconds and its peak memory in MiB."""

    def __init__(self, out, err, status, ms, peak):
        self.out, self.err, self.status, self.ms, self.peak = out, err, status, ms, peak


def environment(cpu):
    """This environment without qsearch's own settings, but for the instructions to use, if not the best."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("QSEARCH_")}
    if cpu:
        env["QSEARCH_CPU"] = cpu
    return env


def run(cmd, env):
    """Runs a command from start to end, without a shell, and its output into a pipe."""
    with tempfile.TemporaryFile() as log:
        end, pipe = os.pipe()
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, pipe, 1),
            (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
        ]
        began = time.perf_counter()
        child = os.posix_spawn(cmd[0], cmd, env, file_actions=actions)
        os.close(pipe)
        with open(end, "rb") as out:
            printed = out.read()
        _, status, usage = os.wait4(child, 0)
        ms = (time.perf_counter() - began) * 1000
        log.seek(0)
        kib = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
        status = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1
        return Done(printed, log.read().decode(errors="replace"), status, ms, kib / 1024)


def must_run(cmd, env, statuses=(0,)):
    done = run(cmd, env)
    if done.status not in statuses:
        sys.exit(f"{' '.join(cmd)}: exit status {done.status}\n{done.err[-2000:]}")
    return done


def say(text):
    print(text, file=sys.stderr, flush=True)


# ---- Measuring ----

class Size:
    """The notes and the index of one size."""

    def __init__(self, qsearch, folder, passages):
        self.qsearch, env = qsearch, environment(None)
        notes, self.index = os.path.join(folder, f"notes-{passages}"), os.path.join(folder, f"index-{passages}")
        say(f"{passages:,} passages: writing notes ...")
        self.notes = make_notes(notes, passages)
        kept = os.path.isdir(self.index)
        say(f"{passages:,} passages: {'refreshing the' if kept else 'making an'} index ...")
        # Of an index that is kept, too: its making may have been interrupted.
        made = must_run([qsearch, "index", notes, "--index", self.index, "-q"], env)
        self.seconds = None if kept else made.ms / 1000
        self.peak = None if kept else made.peak
        status = json.loads(must_run([qsearch, "status", "--json", "--index", self.index], env).out)
        self.passages, self.bytes = status["passages"], status["bytes"]
        say(f"{self.passages:,} passages of {self.notes:,} notes in {made.ms / 1000:.1f} s{' (kept)' if kept else ''}")

    def command(self, question, *options):
        return [self.qsearch, "ask", "--index", self.index, *options, question]


class Row:
    """What was measured of one size with one kind of instructions."""

    def __init__(self, size, cpu):
        self.size, self.cpu, self.env = size, cpu, environment(cpu)
        self.ms, self.peak, self.whole, self.stages = [], 0.0, [], {}

    def ask(self, question, measured):
        done = must_run(self.size.command(question), self.env, (0, 1))  # 1: the notes don't answer it
        if measured:
            self.ms.append(done.ms)
            self.peak = max(self.peak, done.peak)

    def ask_stages(self, question, measured):
        done = must_run(self.size.command(question, "--timings", "--json"), self.env, (0, 1))
        if measured:
            self.whole.append(done.ms)
            for stage, ms in json.loads(done.out)["timings"].items():
                if isinstance(ms, (int, float)):
                    self.stages.setdefault(stage, []).append(ms)


def usable(size, cpus):
    """Those of the instructions that this processor has; the program's own choice if it has none of them."""
    found = []
    for cpu in cpus:
        done = run(size.command(QUESTIONS[0]), environment(cpu))
        if done.status in (0, 1):
            found.append(cpu)
        else:
            say(f"left out: QSEARCH_CPU={cpu}: {done.err.strip()}")
    return found or [None]


def tells_stages(size):
    """Whether this qsearch tells how long its stages take."""
    done = run(size.command(QUESTIONS[0], "--timings", "--json"), environment(None))
    try:
        return done.status in (0, 1) and isinstance(json.loads(done.out).get("timings"), dict)
    except ValueError:
        return False


def measure(rows, qsearch, runs, stages):
    """Runs everything by turns; gives the milliseconds of `qsearch --version`, and their peak."""
    floor, env = [], environment(None)
    for turn in range(-WARM_UPS, runs):
        question = QUESTIONS[turn % len(QUESTIONS)]
        started = must_run([qsearch, "--version"], env)
        if turn >= 0:
            floor.append(started)
        for row in rows:
            row.ask(question, turn >= 0)
            if stages:
                row.ask_stages(question, turn >= 0)
        if turn % 10 == 0:
            say(f"turn {turn} of {runs} ...")
    return [done.ms for done in floor], max(done.peak for done in floor)


# ---- Telling ----

def at(values, share):
    """The least of the values that so large a share of them doesn't exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def mib(peak, own):
    """A process starts with the peak of the one that starts it, so that a smaller one isn't seen."""
    return f"{peak:.0f}" if peak > own else f"< {math.ceil(own)}"


def table(head, lines):
    for line in (head, ["---"] * len(head), *lines):
        print("| " + " | ".join(line) + " |")
    print()


def print_tables(sizes, rows, floor, floor_peak, stages):
    import resource
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
    print(f"{len(floor)} answers each, {len(QUESTIONS)} questions in turn; {os.cpu_count()} cores; "
          f"{platform.system()} {platform.release()}; {sizes[0].version}\n")
    table(["passages", "notes", "index, s", "index peak, MiB", "on disk, MiB"],
          [[f"{s.passages:,}", f"{s.notes:,}", "kept" if s.seconds is None else f"{s.seconds:.1f}",
            "–" if s.peak is None else mib(s.peak, own), f"{s.bytes / 2**20:.1f}"] for s in sizes])
    told = lambda ms: [f"{at(ms, 0.5):.1f}", f"{at(ms, 0.95):.1f}", f"{min(ms):.1f}",
                       f"{at(ms, 0.5) / at(floor, 0.5):.1f}"]
    table(["passages", "instructions", "median, ms", "p95, ms", "least, ms", "× `--version`", "peak, MiB"],
          [[f"{r.size.passages:,}", r.cpu or "best", *told(r.ms), mib(r.peak, own)] for r in rows]
          + [["`--version`", "–", *told(floor), mib(floor_peak, own)]])
    if not stages:
        print("**No breakdown: this qsearch has no `ask --timings --json`.**")
        return
    names = list(dict.fromkeys(stage for row in rows for stage in row.stages))
    print("Where the time goes: median ms of each stage, and of the whole processes that told them.\n")
    table(["passages", "instructions", *names, "whole process"],
          [[f"{r.size.passages:,}", r.cpu or "best",
            *(f"{at(r.stages[name], 0.5):.2f}" if name in r.stages else "–" for name in names),
            f"{at(r.whole, 0.5):.2f}"] for r in rows])


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--qsearch", required=True, help="our program")
    p.add_argument("--sizes", default="1000,10000,100000", help="numbers of passages")
    p.add_argument("--runs", type=int, default=41, help="answers to time of each kind")
    p.add_argument("--cpu", default="avx512,avx2", help="values of QSEARCH_CPU; those that don't run are left out")
    p.add_argument("--keep", metavar="FOLDER", help="where notes and indexes stay (default: a temporary folder)")
    a = p.parse_args()
    program = shutil.which(a.qsearch) or p.error(f"there is no program {a.qsearch}")
    a.qsearch = os.path.abspath(program)
    a.sizes = [int(size) for size in a.sizes.split(",")]
    if a.runs < 1 or min(a.sizes) < 1:
        p.error("--runs and --sizes begin at 1")
    return a


def main():
    a = arguments()
    folder = os.path.abspath(a.keep or tempfile.mkdtemp(prefix="cold-ask-"))
    os.makedirs(folder, exist_ok=True)
    try:
        os.chdir(folder)  # away from a qsearch.toml of the folder this was started in
        sizes = [Size(a.qsearch, folder, passages) for passages in a.sizes]
        sizes[0].version = must_run([a.qsearch, "--version"], environment(None)).out.decode().strip()
        cpus = usable(sizes[0], a.cpu.split(","))
        rows = [Row(size, cpu) for size in sizes for cpu in cpus]
        stages = tells_stages(sizes[0])
        if not stages:
            say("NO BREAKDOWN: this qsearch has no `ask --timings --json`")
        floor, floor_peak = measure(rows, a.qsearch, a.runs, stages)
        print_tables(sizes, rows, floor, floor_peak, stages)
    finally:
        os.chdir(os.path.dirname(folder))
        if not a.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
