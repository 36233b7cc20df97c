#!/usr/bin/env python3
"""Checks that qsearch works with models that it runs through fastembed, on a real ONNX Runtime.

  check.py PROGRAM

Run it under a Python that has the `onnxruntime` wheel, 1.24 or newer; the program finds the library in there. The
models are the tiny ones that tiny_onnx.py writes, and the downloads come from a server in this process, so nothing
else is needed. Each check prints a line; the first that fails prints what the program said, and ends it all.
"""

import collections
import hashlib
import http.server
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import threading

NOTES = {
    "threads.md": "# Threads\n\nOne thread at a time holds the lock of the interpreter.\n",
    "memory.md": "# Memory\n\nA dataframe takes less memory with narrow types and categories.\n",
    "tests.md": "# Tests\n\nA fixture prepares what a test needs and cleans up after it.\n",
}
QUESTION = "which thread holds the lock"
NAME, REPOSITORY, DIM = "BGESmallENV15", "Xenova/bge-small-en-v1.5", 384
RERANKER, RERANKERS_REPOSITORY = "JINARerankerV1TurboEn", "jinaai/jina-reranker-v1-turbo-en"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Desk:
    """A temporary folder with notes, and the program with nothing else of the machine than this Python."""

    def __init__(self, program, at):
        self.program, self.at, self.last = os.path.abspath(program), at, ""
        self.environment = {"HOME": self.path("home"), "VIRTUAL_ENV": sys.prefix}
        for name, text in NOTES.items():
            self.write("notes/" + name, text.encode())

    def path(self, *parts):
        return os.path.join(self.at, *parts)

    def write(self, name, content):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(content)

    def run(self, *args, status=0, text="", **environment):
        """What a command prints, on both streams together unless it succeeds; its exit status must be this."""
        run = subprocess.run(
            [self.program, *args], cwd=self.at, env={**self.environment, **environment}, input=text.encode(),
            capture_output=True, timeout=300, check=False)
        out, err = run.stdout.decode(), run.stderr.decode()
        self.last = f"$ qsearch {' '.join(args)}\n{out}{err}[exit status {run.returncode}]"
        if run.returncode != status:
            sys.exit(f"FAILED: exit status {run.returncode} instead of {status}\n{self.last}")
        return out if status == 0 else out + err

    def check(self, what, holds):
        if not holds:
            sys.exit(f"FAILED: {what}\n{self.last}")
        print(f"ok  {what}", flush=True)

    def refuses(self, what, words, *args, **environment):
        said = self.run(*args, status=2, **environment)
        self.check(what, "hint: " in said and all(word in said for word in words))

    def first(self, index, **environment):
        """The note that is found first."""
        found = json.loads(self.run("--index", index, "search", "--json", QUESTION, **environment))
        return found[0]["path"]

    def status(self, index):
        status = json.loads(self.run("--index", index, "status", "--json"))
        return status["model"], status["dimensions"]

    def tiny(self, folder, dim):
        self.make(folder, "--dim", str(dim))

    def cross(self, folder, *options):
        """A cross-encoder that knows the words of the notes."""
        self.make(folder, "--cross", "--words", self.path("notes"), *options)

    def make(self, folder, *options):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tiny_onnx.py")
        subprocess.run([sys.executable, script, self.path(folder), *options], check=True)


def check_folder(desk):
    """A model in a folder: indexing, asking, remembering."""
    desk.tiny("tiny", 128)
    desk.run("index", "notes", "--model", "tiny")
    model, dimensions = desk.status("index")
    desk.check("a folder's model has a fingerprint and its dimensions", model.startswith("onnx@") and dimensions == 128)
    found = desk.first("index")
    desk.check("a question finds its note, with the model that the index remembers", found == "threads.md")
    reply = json.loads(desk.run("ask", "--json", QUESTION))
    desk.check("ask has all three sources", len(reply["results"]) == 3 and reply["results"][0]["path"] == "threads.md")
    os.rename(desk.path("tiny"), desk.path("moved"))
    desk.refuses("a folder that was moved is missed", ["tiny/model.onnx any more", "--model"], "ask", QUESTION)
    desk.run("index", "--model", "moved")
    desk.check("and found again once it is named", desk.first("index") == "threads.md")
    desk.tiny("other", 64)
    desk.refuses(
        "a model of other dimensions is refused for the index", ["was made with model `" + model, "not with `onnx@"],
        "ask", QUESTION, "--model", "other")


def check_vectors(desk):
    """The same text has the same vector, whatever is around it."""
    texts = [*NOTES.values(), QUESTION, "x", "a longer text: " + "of words and signs, " * 40]

    def vectors(texts, threads):
        lines = "".join(json.dumps(text) + "\n" for text in texts)
        out = desk.run("--threads", threads, "embed", "--json", "--model", "moved", text=lines)
        return [json.loads(line)["embedding"] for line in out.splitlines()]

    together = vectors(texts, "2")
    desk.check("a vector for each text", [len(vector) for vector in together] == [128] * len(texts))
    desk.check("of length 1", all(abs(sum(x * x for x in vector) - 1) < 1e-3 for vector in together))
    desk.check("the same alone as in company", [vectors([text], "2")[0] for text in texts] == together)
    desk.check("the same with one thread as with two", vectors(texts, "1") == together)


def check_damage(desk):
    """What is wrong is named."""
    with open(desk.path("moved/model.onnx"), "rb") as file:
        whole = file.read()
    anew = ["--index", "x", "index", "notes", "--model", "other"]
    for what, content in [("half of it", whole[: len(whole) // 2]), ("other bytes", b"\xa5" * 4096), ("no bytes", b"")]:
        desk.write("other/model.onnx", content)
        desk.refuses(f"a model file with {what} is named", ["other/model.onnx"], *anew)
    desk.write("other/model.onnx", whole)
    for what, content in [("half of one", b'{"model": '), ("another thing", b"{}")]:
        desk.write("other/tokenizer.json", content)
        desk.refuses(f"a tokenizer that is {what} is named", ["other/tokenizer.json"], *anew)
    desk.check("no index was begun", not os.path.exists(desk.path("x")))


class Hub(http.server.ThreadingHTTPServer):
    """A server that gives files as huggingface.co does, as far as hf-hub asks for it."""

    def __init__(self, folder, repository=REPOSITORY):
        super().__init__(("127.0.0.1", 0), Answer)
        self.folder, self.repository, self.requests = folder, repository, []
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers with a range of a file: `bytes=0-0` to learn about it, `bytes=N-` to get it."""

    def do_GET(self):
        self.server.requests.append(self.path)
        repository, _, name = self.path.lstrip("/").partition("/resolve/main/")
        # In the repository it has a folder of its own.
        path = os.path.join(self.server.folder, name.removeprefix("onnx/"))
        if repository != self.server.repository or not os.path.isfile(path):
            self.send_error(404)
            return
        with open(path, "rb") as file:
            content = file.read()
        first, _, last = self.headers["Range"].removeprefix("bytes=").partition("-")
        part = content[int(first) : int(last) + 1 if last else None]
        self.send_response(206)
        self.send_header("x-repo-commit", COMMIT)
        self.send_header("etag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("content-range", f"bytes {first}-{int(first) + len(part) - 1}/{len(content)}")
        self.send_header("content-length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, *_):
        pass


def listed(desk, **environment):
    """Whether the list says that the model is here."""
    models = json.loads(desk.run("model", "list", "--json", **environment))
    return next(model["here"] for model in models if model["name"] == NAME)


def check_download(desk):
    """A model by its name: fetched once, then kept."""
    desk.tiny("small", DIM)
    hub = Hub(desk.path("small"))
    here = {"HF_ENDPOINT": hub.address, "XDG_CACHE_HOME": desk.path("cache")}
    desk.check("a model that wasn't downloaded is listed as such", not listed(desk, **here))
    desk.run("--index", "named", "index", "notes", "--model", NAME, **here)
    desk.check("a model is downloaded by its name", f"/{REPOSITORY}/resolve/main/onnx/model.onnx" in hub.requests)
    desk.check("its fingerprint says which", desk.status("named") == (f"fastembed:{NAME}@{REPOSITORY}", DIM))
    asked = len(hub.requests)
    desk.run("--index", "named", "index", **here)
    desk.check("the next run asks for nothing", len(hub.requests) == asked)
    hub.stop()
    desk.check("a question is answered without the server", desk.first("named", **here) == "threads.md")
    desk.check("the list says that it is here", listed(desk, **here))

    anew = ["--index", "y", "index", "notes", "--model", NAME]
    empty = {**here, "XDG_CACHE_HOME": desk.path("empty")}
    words = [NAME, REPOSITORY, "refused", "check the network", "--model FOLDER"]
    desk.refuses("without server and cache, model, repository and cause are named", words, *anew, **empty)
    desk.check("and it isn't listed as here", not listed(desk, **empty))

    desk.tiny("narrow", 32)
    hub = Hub(desk.path("narrow"))
    wrong = {"HF_ENDPOINT": hub.address, "XDG_CACHE_HOME": desk.path("wrong")}
    desk.refuses("other dimensions than expected are told", [NAME, "32 numbers instead of 384"], *anew, **wrong)
    os.remove(desk.path("narrow/tokenizer.json"))
    wrong["XDG_CACHE_HOME"] = desk.path("part")
    desk.refuses("a repository that lacks a file is named", [NAME, REPOSITORY, "404"], *anew, **wrong)
    desk.check("and half a download isn't listed as here", not listed(desk, **wrong))
    hub.stop()
    desk.check("no index was begun", not os.path.exists(desk.path("y")))


def overlap(question, passage):
    """What the tiny cross-encoder gives, counted here: for each word of the question how often the passage has it."""
    words, counts = [re.findall(r"[a-z0-9]+|[^\sa-z0-9]", text.lower()) for text in (question, passage)]
    counts = collections.Counter(counts)
    return 1 / (1 + math.exp(3 - sum(counts[word] for word in words)))


def check_reranking(desk):
    """A cross-encoder reorders what was found, as can be counted by hand."""
    # Many small words, which say nothing to the searches; the cross-encoder counts them.
    desk.write("notes/noise.md", b"# Noise\n\nThe holds of the ships and the masts of the ships and the ropes of the ships.\n")
    desk.run("index", "notes")
    desk.cross("cross")

    def search(*args, **environment):
        return json.loads(desk.run("search", "--json", "--explain", QUESTION, *args, **environment))

    before, after = search(), search("--rerank", "cross")
    desk.check("without a reranker nothing is reranked", all(r["signals"]["rerank"] is None for r in before))
    desk.check("the note that answers comes first", before[0]["path"] == "threads.md")
    desk.check("a reranker takes the one with more words", after[0]["path"] == "noise.md")
    desk.check("all are there, once", sorted(r["id"] for r in after) == sorted(r["id"] for r in before))
    ranks = {r["id"]: r["rank"] for r in before}
    for result in after:
        counted, rerank = overlap(QUESTION, result["text"]), result["signals"]["rerank"]
        desk.check(
            f"{result['path']} has the score that was counted, {counted:.4f}, and its rank from before",
            abs(rerank["score"] - counted) < 1e-3 and result["score"] == rerank["score"]
            and rerank["rank_before"] == ranks[result["id"]])
    desk.check("and in this order", [r["score"] for r in after] == sorted((r["score"] for r in after), reverse=True))
    desk.check("the same with one thread", search("--rerank", "cross", "--threads", "1") == after)
    desk.check("by a variable, too", search(QSEARCH_RERANK="cross") == after)
    desk.check("a flag undoes that", search("--rerank", "none", QSEARCH_RERANK="cross") == before)
    text = desk.run("ask", "--explain", "--timings", "--rerank", "cross", QUESTION)
    shown = f"rerank {after[0]['signals']['rerank']['rank_before']} → 1, {after[0]['score']:.2f}"
    desk.check("ask explains it, and answers from it", shown in text and text.startswith("The holds of the ships"))
    said = desk.run("ask", "--rerank", "cross", "dataframe", "--min-score", "0.3", status=1)
    desk.check("what it finds unlikely is no answer", "don't seem to answer" in said)


def check_rerankers(desk):
    """Rerankers that can't be used, and one that is downloaded."""
    search = ["search", QUESTION, "--rerank"]
    desk.tiny("embedder", 64)
    desk.refuses("a model for vectors is no reranker", ["embedder/model.onnx", "no output `logits`"], *search, "embedder")
    desk.cross("flat", "--flat")
    desk.refuses("nor is one without a number for each passage", ["flat/model.onnx", "`logits` isn't"], *search, "flat")
    with open(desk.path("cross/model.onnx"), "rb") as file:
        whole = file.read()
    for what, content in [("half of it", whole[: len(whole) // 2]), ("other bytes", b"\xa5" * 4096)]:
        desk.write("spoilt/model.onnx", content)
        with open(desk.path("cross/tokenizer.json"), "rb") as file:
            desk.write("spoilt/tokenizer.json", file.read())
        desk.refuses(f"a reranker's file with {what} is named", ["spoilt/model.onnx"], *search, "spoilt")

    def here(**environment):
        models = json.loads(desk.run("model", "list", "--json", **environment))
        return next(model["here"] for model in models if model["name"] == RERANKER)

    hub = Hub(desk.path("cross"), RERANKERS_REPOSITORY)
    there = {"HF_ENDPOINT": hub.address, "XDG_CACHE_HOME": desk.path("rerankers")}
    desk.check("a reranker that wasn't downloaded is listed as such", not here(**there))
    found = desk.run(*search, RERANKER, **there)
    asked = len(hub.requests)
    desk.check("it is downloaded by its name", asked > 0 and here(**there))
    hub.stop()
    desk.check("and kept", desk.run(*search, RERANKER, **there) == found == desk.run(*search, "cross"))
    empty = {**there, "XDG_CACHE_HOME": desk.path("no-rerankers")}
    words = [RERANKER, RERANKERS_REPOSITORY, "refused", "--rerank FOLDER"]
    desk.refuses("without server and cache, it is named with the cause", words, *search, RERANKER, **empty)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as at:
        desk = Desk(sys.argv[1], os.path.realpath(at))
        check_folder(desk)
        check_vectors(desk)
        check_damage(desk)
        check_download(desk)
        check_reranking(desk)
        check_rerankers(desk)
        left = [os.path.join(folder, file) for folder, _, files in os.walk(desk.path("home")) for file in files]
        # What was confirmed by being named is remembered there, and nothing else.
        ours = desk.path("home/.local/state/qsearch") + os.sep
        left = [file for file in left if not file.startswith(ours)]
        desk.check("nothing else was written to the user's home, as ONNX Runtime's own records would be", not left)


main()
