#!/usr/bin/env python3
"""Compares qsearch with other ways to search a folder of notes, and writes a Markdown table.

  alternatives.py NOTES --qsearch target/release/qsearch              times, memory and size
  alternatives.py NOTES --golden golden.jsonl                         quality as well (see below)

Runs whichever of these are present, and says what the others lack. It installs and downloads nothing:
  ripgrep      Debian: ripgrep            keyword search, no ranking: times only
  recoll       Debian: recollcmd          ranks whole files
  fts5         Python's own sqlite3       bm25() over passages
  onnx, onnx8  pip: onnxruntime tokenizers numpy, and --model DIR with model.onnx (fp32), model_int8.onnx
               and tokenizer.json: the script one would write oneself, dot products over all passages
  fastembed    pip: fastembed, and --model DIR with model.onnx, config.json and the tokenizer's files
Memory and CPU time need GNU time (Debian: time).

Quality: each line of the golden file is {"question", "accept": [{"file", "first_line", "last_line"}]}; an
empty "accept" is skipped. Of the first 1 or 3 sources, one counts if it overlaps an accepted span and isn't
both longer than 12 lines and longer than 3 times that span. "File" counts the right file alone.
"""
# Little is imported up here, for the workers below are timed as whole processes.
import json, os, re, sys

SUFFIXES = (".md", ".mdx", ".txt")
MAX_TOKENS = 256  # per passage, as all-MiniLM-L6-v2 was trained, with the two special ones
TOP = 5


# ---- The workers: each is a process of its own, `alternatives.py --worker NAME ...` ----

def passages(notes, mode, count_tokens):
    """Yields (path, first_line, last_line, text), split at headings and blank lines, at most MAX_TOKENS long.

    mode "section" joins the paragraphs below a heading while they fit; "paragraph" keeps each apart.
    """
    for folder, folders, names in sorted(os.walk(notes)):
        folders[:] = [f for f in folders if not f.startswith(".")]
        for name in sorted(n for n in names if n.lower().endswith(SUFFIXES)):
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8", errors="replace") as f:
                lines = f.read().split("\n")
            counts = count_tokens(lines)
            held, size = [], 0  # the passage being filled: (line number, text), and its tokens

            def flush():
                nonlocal held, size
                done = [(n, t) for n, t in held if t.strip()]
                held, size = [], 0
                if done:
                    yield os.path.relpath(path, notes), done[0][0], done[-1][0], "\n".join(t for _, t in done)

            for number, (line, tokens) in enumerate(zip(lines, counts), 1):
                heading = re.match(r"#{1,6} ", line)
                only_headings = all(not t.strip() or re.match(r"#{1,6} ", t) for _, t in held)
                if (heading or (not line.strip() and mode == "paragraph")) and not only_headings:
                    yield from flush()
                # A line too long for one passage is cut between words.
                words, parts = line.split(" "), tokens // (MAX_TOKENS - 56) + 1
                step = -(-len(words) // parts)
                for i in range(0, len(words), step):
                    if size + tokens // parts > MAX_TOKENS - 2:
                        yield from flush()
                    held.append((number, " ".join(words[i:i + step])))
                    size += tokens // parts
            yield from flush()


def token_counter(model):
    """Counts with the model's tokenizer; without it, words and signs."""
    try:
        from tokenizers import Tokenizer
        tokenizer = Tokenizer.from_file(os.path.join(model or "", "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return lambda lines: [len(e.ids) for e in tokenizer.encode_batch(lines, add_special_tokens=False)]
    except Exception:
        return lambda lines: [len(re.findall(r"\w+|[^\w\s]", line)) for line in lines]


def onnx_embedder(model, file):
    import numpy as np
    import onnxruntime
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(os.path.join(model, "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding()
    session = onnxruntime.InferenceSession(os.path.join(model, file), providers=["CPUExecutionProvider"])

    def embed(texts):
        batch = tokenizer.encode_batch(texts)
        ids = np.array([e.ids for e in batch], np.int64)
        mask = np.array([e.attention_mask for e in batch], np.int64)
        (states,) = session.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)})
        mean = (states * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)
    return embed


def fastembed_embedder(model):
    import numpy as np
    from fastembed import TextEmbedding
    name = "sentence-transformers/all-MiniLM-L6-v2"
    encoder = TextEmbedding(name, specific_model_path=model, local_files_only=True)
    return lambda texts: np.stack(list(encoder.embed(texts, batch_size=32)))


def ask_fts5(store):
    import sqlite3
    db = sqlite3.connect(os.path.join(store, "notes.db"))

    def ask(question):
        words = " OR ".join(f'"{w}"' for w in re.findall(r"\w+", question))
        best = "SELECT path, first, last FROM p WHERE p MATCH ? ORDER BY bm25(p) LIMIT ?"
        return db.execute(best, (words, TOP)).fetchall()
    return ask


def index_fts5(store, model, notes, mode):
    import sqlite3
    db = sqlite3.connect(os.path.join(store, "notes.db"))
    db.execute("DROP TABLE IF EXISTS p")
    db.execute("CREATE VIRTUAL TABLE p USING "
               "fts5(path UNINDEXED, first UNINDEXED, last UNINDEXED, text, tokenize='porter')")
    db.executemany("INSERT INTO p VALUES (?, ?, ?, ?)", passages(notes, mode, token_counter(model)))
    db.commit()


def embedder(tool, model):
    if tool == "fastembed":
        return fastembed_embedder(model)
    return onnx_embedder(model, "model_int8.onnx" if tool == "onnx8" else "model.onnx")


def ask_vectors(store, embed):
    import numpy as np
    vectors = np.load(os.path.join(store, "vectors.npy"))
    with open(os.path.join(store, "places.json")) as f:
        places = json.load(f)
    return lambda question: [places[i] for i in np.argsort(-(vectors @ embed([question])[0]))[:TOP]]


def index_vectors(store, model, notes, mode, embed):
    import numpy as np
    found = list(passages(notes, mode, token_counter(model)))
    order = sorted(range(len(found)), key=lambda i: len(found[i][3]))  # like lengths together: less padding
    vectors = np.zeros((len(found), 384), np.float32)
    for i in range(0, len(order), 32):
        batch = order[i:i + 32]
        vectors[batch] = embed([found[j][3] for j in batch])
    np.save(os.path.join(store, "vectors.npy"), vectors)
    with open(os.path.join(store, "places.json"), "w") as f:
        json.dump([p[:3] for p in found], f)


def worker(tool, task, store, model, *rest):
    if task == "index" and tool == "fts5":
        return index_fts5(store, model, *rest)
    if task == "index":
        return index_vectors(store, model, *rest, embedder(tool, model))
    ask = ask_fts5(store) if tool == "fts5" else ask_vectors(store, embedder(tool, model))
    for question in rest:
        print(json.dumps([list(source) for source in ask(question)]))


# ---- The tools: what is missing, how to index, how to ask, and how to read the answer ----

class Tool:
    def __init__(self, label, missing, version, index, ask, read):
        self.label, self.missing, self.version = label, missing, version
        self.index, self.ask, self.read = index, ask, read


def lacks_command(name):
    return None if shutil.which(name) else f"no {name} command"


def lacks(modules, model=None, files=()):
    lacking = [m for m in modules if not importlib.util.find_spec(m)]
    if files and not model:
        lacking.append("--model")
    elif files:
        lacking += [f for f in files if not os.path.exists(os.path.join(model, f))]
    return "no " + ", ".join(lacking) if lacking else None


def versions(*packages):
    return ", ".join(f"{m} {importlib.metadata.version(m)}" for m in packages)


def first_line(*cmd, start=""):
    done = subprocess.run(cmd, capture_output=True, text=True)
    return next((line for line in (done.stdout + done.stderr).split("\n") if line.startswith(start)), "?")


def words(question):
    return re.findall(r"\w+", question)


def scripted(a, place, name, label, missing, version):
    """A tool that is this script itself."""
    def work(task, *rest):
        return [sys.executable, os.path.abspath(__file__), "--worker", name, task, place(name), a.model, *rest]
    return Tool(label, missing, version, work("index", a.notes, a.passages), lambda q: work("ask", q), json.loads)


def ripgrep(notes):
    """Three ways to use it; none of them ranks."""
    missing, version = lacks_command("rg"), lambda: first_line("rg", "--version")

    def all_words(question):  # the files that have every word: each rg reads what the one before it found
        first, *others = (f"rg -0ilw {shlex.quote(w)}" for w in words(question))
        return ["sh", "-c", " | xargs -0r ".join([first + " " + shlex.quote(notes), *others])]

    def any_word(question):
        return ["rg", "-niw", *(x for w in words(question) for x in ("-e", w)), notes]

    def last_word(question):
        return ["rg", "-niw", words(question)[-1], notes]
    return {
        "rg-word": Tool("ripgrep, one keyword", missing, version, None, last_word, None),
        "rg-any": Tool("ripgrep, any word", missing, version, None, any_word, None),
        "rg-all": Tool("ripgrep, files with all words", missing, version, None, all_words, None),
    }


def recoll(notes, folder):
    missing = lacks_command("recollindex") or lacks_command("recollq")
    version = lambda: first_line("recollindex", "-h", start="Recoll version").partition(": ")[2]

    def read(out):
        files = [line[7:] for line in out.split("\n") if line.startswith("file://")]
        return [(os.path.relpath(file, notes), None, None) for file in files]

    def ask(how):
        return lambda q: ["recollq", "-c", folder, how, "-b", "-n", str(TOP), *words(q)]
    return {
        "recoll": Tool("recoll, any word", missing, version, ["recollindex", "-c", folder], ask("-o"), read),
        "recoll-all": Tool("recoll, all words", missing, version, None, ask("-a"), read),
    }


def configure_recoll(notes, folder):
    with open(os.path.join(folder, "recoll.conf"), "w") as f:
        f.write(f"topdirs = {notes}\nonlyNames = {' '.join('*' + s for s in SUFFIXES)}\n")
    with open(os.path.join(folder, "mimemap"), "w") as f:
        f.write(".mdx = text/plain\n")


def tools(a, place):
    def read_qsearch(out):
        return [(r["path"], r["first_line"], r["last_line"]) for r in json.loads(out)["results"]]

    modules = ("onnxruntime", "tokenizers", "numpy")
    onnx_version = lambda: versions(*modules)
    script = lambda *args: scripted(a, place, *args)
    return {
        "qsearch": Tool(
            "qsearch", lacks_command(a.qsearch), lambda: first_line(a.qsearch, "--version"),
            [a.qsearch, "index", a.notes, "--index", place("qsearch"), "-q"],
            lambda q: [a.qsearch, "ask", "--index", place("qsearch"), "--json", "-n", str(TOP), q], read_qsearch),
        **ripgrep(a.notes),
        **recoll(a.notes, place("recoll")),
        "fts5": script("fts5", "SQLite FTS5", lacks(["sqlite3"]),
                       lambda: "SQLite " + __import__("sqlite3").sqlite_version),
        "onnx": script("onnx", "ONNX Runtime in Python, fp32",
                       lacks(modules, a.model, ("model.onnx", "tokenizer.json")), onnx_version),
        "onnx8": script("onnx8", "ONNX Runtime in Python, int8",
                        lacks(modules, a.model, ("model_int8.onnx", "tokenizer.json")), onnx_version),
        "fastembed": script("fastembed", "fastembed, fp32",
                            lacks(["fastembed"], a.model, ("model.onnx", "config.json")),
                            lambda: versions("fastembed", "onnxruntime")),
    }


# ---- Measuring ----

def run(cmd):
    """Runs a command; gives its output, wall seconds, CPU seconds and peak MiB (None without GNU time)."""
    gnu_time = "/usr/bin/time"
    if not os.access(gnu_time, os.X_OK):
        gnu_time = None
    with tempfile.NamedTemporaryFile("r") as log:
        full = [gnu_time, "-q", "-f", "%U %S %M", "-o", log.name, *cmd] if gnu_time else cmd
        began = time.perf_counter()
        done = subprocess.run(full, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
        wall, cpu, peak = time.perf_counter() - began, None, None
        if gnu_time:
            user, system, kib = log.read().split()[-3:]
            cpu, peak = float(user) + float(system), float(kib) / 1024
    if done.returncode not in ((0,) if cmd[0] == sys.executable else (0, 1)):  # 1: nothing found
        sys.exit(f"{shlex.join(cmd)}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout, wall, cpu, peak


def on_disk(folder):
    return sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(folder) for f in fs) / 2**20


def fits(source, span):
    path, first, last = source
    length = span["last_line"] - span["first_line"] + 1
    return (path == span["file"] and first is not None and first <= span["last_line"] and last >= span["first_line"]
            and not (last - first + 1 > max(12, 3 * length)))


def quality(tool, golden):
    """Hits among the first 1 and 3 sources, of passages and of files, and how many questions there were."""
    hits, asked = [0, 0, 0, 0], 0
    with open(golden, encoding="utf-8") as f:
        entries = [json.loads(line) for line in f]
    for entry in entries:
        if not entry["accept"]:
            continue
        asked += 1
        sources = tool.read(run(tool.ask(entry["question"]))[0])
        for at, n in enumerate((1, 3)):
            hits[at] += any(fits(s, span) for s in sources[:n] for span in entry["accept"])
            hits[2 + at] += any(s[0] == span["file"] for s in sources[:n] for span in entry["accept"])
    return ["–" if tool.label.startswith("recoll") and at < 2 else str(n) for at, n in enumerate(hits)] + [str(asked)]


def num(x, digits=1):
    return "?" if x is None else f"{x:.{digits}f}"


def index_with(name, tool, a, folder):
    """Makes a tool's index, if it has one; gives what that took."""
    kept, row = os.path.isdir(folder), {}
    if not (a.keep and kept):
        if kept:  # an index from before would spoil the times
            sys.exit(f"{folder} exists; use --keep or another --store")
        os.makedirs(folder)
        if name == "recoll":
            configure_recoll(a.notes, folder)
        _, wall, cpu, peak = run(tool.index)
        row.update(index=num(wall), cpu=num(cpu), peak=num(peak, 0))
        # The scripts keep no record of changes.
        row["again"] = num(run(tool.index)[1], 2) if name in ("qsearch", "recoll") else "all again"
    row["size"] = num(on_disk(folder))
    return row


def time_answers(asked, question, runs, rows):
    """Times whole processes by turns, that a busy moment hits all alike; the first turn only warms up."""
    times = {name: [] for name in asked}
    for turn in range(runs + 1 if runs else 0):
        for name, tool in asked.items():
            _, wall, _, peak = run(tool.ask(question))
            if turn:
                times[name].append(wall * 1000)
                rows[name]["ask_peak"] = num(peak, 0)
    for name, t in times.items():
        if t:
            t.sort()
            rows[name].update(ask=f"{t[len(t) // 2]:.0f}", least=f"{t[0]:.0f}")


def print_table(a, rows):
    files = sum(n.lower().endswith(SUFFIXES) for _, _, ns in os.walk(a.notes) for n in ns)
    print(f"{files:,} notes; {os.cpu_count()} cores; Python {platform.python_version()}; "
          f"passages: {a.passages}; question: {a.question}\n")
    columns = {"tool": "Tool", "version": "Version", "index": "Index, s", "cpu": "Index, CPU s",
               "peak": "Index peak, MiB", "size": "On disk, MiB", "again": "Unchanged, s",
               "ask": "Answer, ms (median)", "least": "(least)", "ask_peak": "Answer peak, MiB"}
    judged = ["hit@1", "hit@3", "file@1", "file@3", "of"] if a.golden else []
    print("| " + " | ".join([*columns.values(), *judged]) + " |")
    print("|" + " --- |" * (len(columns) + len(judged)))
    for row in rows.values():
        line = [row.get(c, "–") for c in columns] + (row.get("quality", ["–"] * 5) if a.golden else [])
        print("| " + " | ".join(line) + " |")


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("notes", help="the folder of notes")
    p.add_argument("--golden", help="questions with accepted spans, for quality")
    p.add_argument("--qsearch", default="qsearch", help="our program")
    p.add_argument("--model", default="", help="folder of the ONNX model and its tokenizer")
    p.add_argument("--store", help="folder for the indexes (default: a temporary one)")
    p.add_argument("--keep", action="store_true", help="use indexes that are in --store already; don't time indexing")
    p.add_argument("--question", default="what is the GIL", help="the question that is timed")
    p.add_argument("--runs", type=int, default=20, help="whole-process answers to time, each tool in turn; 0: none")
    p.add_argument("--passages", choices=("section", "paragraph"), default="section", help="how the scripts split notes")
    p.add_argument("--only", nargs="+", help="these tools only")
    a = p.parse_args()
    a.notes = os.path.abspath(a.notes)
    a.model = a.model and os.path.abspath(a.model)
    return a


def main():
    a = arguments()
    store = os.path.abspath(a.store or tempfile.mkdtemp(prefix="alternatives-"))
    place = lambda name: os.path.join(store, name)
    rows, asked = {}, {}
    for name, tool in tools(a, place).items():
        if a.only and name not in a.only:
            continue
        if tool.missing:
            print(f"left out: {tool.label}: {tool.missing}", file=sys.stderr)
            continue
        print(f"{tool.label} ...", file=sys.stderr)
        rows[name] = {"tool": tool.label, "version": tool.version()}
        if tool.index:
            rows[name].update(index_with(name, tool, a, place(name)))
        if a.golden and tool.read:
            rows[name]["quality"] = quality(tool, a.golden)
        asked[name] = tool
    time_answers(asked, a.question, a.runs, rows)
    print_table(a, rows)
    if not a.store:
        shutil.rmtree(store)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        worker(*sys.argv[2:])
    else:
        # Not at the top: a worker's start is part of what is timed.
        import argparse, importlib.metadata, importlib.util, platform, shlex, shutil, subprocess, tempfile, time
        main()
