#!/usr/bin/env python3
"""How good are written answers? Runs `qsearch ask --write` over a file of questions, and prints a table.

  measure.py QUESTIONS --qsearch target/release/qsearch --index DIR --write URL#MODEL
             [--strict] [--sheet labels.tsv] [--replies replies.jsonl] [--runs 1] [--every 1]
  measure.py --labels labels.tsv                           counts the labels of a sheet that was filled in by hand
  measure.py QUESTIONS --qsearch … --index DIR --delay     the time qsearch itself takes before the first word

Each line of QUESTIONS has `question` and either `answerable` (true or false) or, as golden files have it, `accept` (empty
if the notes don't answer). The model should run on this machine: questions are asked one after another. The sheet has a
line for each shown sentence, with the words that it cites and two empty columns to be filled in by hand:
  points  does the cited text say what the sentence says?       yes, partly, no
  answers does the sentence belong to an answer of the question? yes, no
With `--delay` a server that answers at once stands in for the model, so that what remains is qsearch's own.
"""
import argparse, collections, http.server, json, statistics, subprocess, threading, time


def questions(path):
    """Yields (question, whether the notes answer it)."""
    with open(path, encoding="utf-8") as lines:
        for line in filter(str.strip, lines):
            asked = json.loads(line)
            answerable = asked["answerable"] if "answerable" in asked else bool(asked["accept"])
            yield asked["question"], answerable


def ask(command, question):
    """Asks, and gives the last document, the exit status, what stands on stderr, and the seconds to the first shown
    sentence and in all.

    The first line of `--jsonl` comes when the sources are known, one for each sentence as it is shown, and at last what
    `--json` prints.
    """
    began, first, done = time.monotonic(), None, None
    with subprocess.Popen(
        [*command, "--jsonl", "--", question], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "sentence" and first is None:
                first = time.monotonic() - began
            if event["event"] == "done":
                done = event
        said = process.stderr.read().strip()
    return done, process.returncode, said, first, time.monotonic() - began


def tally(replies):
    """Counts what the table shows."""
    count = collections.Counter()
    for question, answerable, done, status, _, _ in replies:
        writing, answer = done.get("writing") or {}, done.get("answer")
        sentences = (answer or {}).get("sentences") or []
        kind = "answerable" if answerable else "unanswerable"
        count[kind] += 1
        for sentence in sentences:
            count["shown", kind] += 1
            count[sentence["support"], kind] += 1
            count["unsupported", kind] += not sentence["citations"]
        count["left out", kind] += writing.get("left_out") or (answer or {}).get("left_out") or 0
        # What the user is told: an answer, an answer that may be wrong ("Perhaps:"), or that there is none.
        if not answer:
            count["not answered", kind] += 1
        else:
            form = "written" if sentences else "extractive"
            count[form, kind] += 1
            count[form, done["confidence"], kind] += 1
        count["declined", kind] += bool(writing.get("declined"))
        count["no model asked", kind] += status == 1 and not writing.get("model")
        count["broken off", kind] += bool(writing.get("broken_off"))
    return count


def table(name, replies):
    """Prints the figures of one run as a Markdown table."""
    count = tally(replies)
    rows = [
        ("questions", *(count[k] for k in ("answerable", "unanswerable"))),
        *(
            (label, *(count[key, k] for k in ("answerable", "unanswerable")))
            for label, key in [
                ("sentences shown", "shown"), ("  quoted", "quoted"), ("  near", "near"),
                ("  without a citation", "unsupported"), ("sentences left out", "left out"),
                ("answers written", "written"), ("extractive instead", "extractive"),
                ("not answered", "not answered"), ("  no model asked", "no model asked"),
                ("model declined", "declined"), ("text broke off", "broken off"),
            ]
        ),
        *(
            (label, *(count["written", sure, k] for k in ("answerable", "unanswerable")))
            for label, sure in [("written, trusted", "high"), ("written, \"Perhaps:\"", "low")]
        ),
    ]
    print(f"\n| {name} | answerable | unanswerable |\n|---|---|---|")
    for label, *figures in rows:
        print(f"| {label} | {' | '.join(str(figure) for figure in figures)} |")
    for label, times in [
        ("first shown sentence", [first for *_, first, _ in replies if first is not None]),
        ("in all", [whole for *_, whole in replies]),
    ]:
        if times:
            print(f"\nseconds, {label}: median {statistics.median(times):.1f}, worst {max(times):.1f}")


def sheet(path, name, replies):
    """Writes the sentences with what they cite, to be judged by hand."""
    flat = lambda text: " ".join(str(text).split())
    with open(path, "a", encoding="utf-8") as out:
        if out.tell() == 0:
            print("run", "question", "answerable", "sure", "support", "sentence", "where", "cited",
                  "points", "answers", sep="\t", file=out)
        for question, answerable, done, *_ in replies:
            for sentence in (done.get("answer") or {}).get("sentences") or []:
                cited = sentence["citations"]
                print(name, flat(question), "yes" if answerable else "no", done["confidence"], sentence["support"],
                      flat(sentence["text"]), " ".join(f"{c['path']}:{c['first_line']}" for c in cited),
                      flat(" | ".join(c["text"] for c in cited[:1])), "", "", sep="\t", file=out)


def labels(path):
    """Counts what was judged by hand."""
    with open(path, encoding="utf-8") as lines:
        head, *rows = [line.rstrip("\n").split("\t") for line in lines]
    count = collections.Counter()
    for row in (dict(zip(head, row)) for row in rows):
        for support in (row["support"], "all"):
            for what in ("points", "answers"):
                count[row["run"], support, what, row[what] or "unjudged"] += 1
            count[row["run"], support] += 1
    for (run, support), total in sorted(item for item in count.items() if len(item[0]) == 2):
        said = {
            what: ", ".join(f"{label} {count[run, support, what, label]}"
                            for label in ("yes", "partly", "no", "unjudged") if count[run, support, what, label])
            for what in ("points", "answers")
        }
        right = count[run, support, "points", "yes"] / total
        print(f"{run}, {support}: {total} sentences; points: {said['points']} ({right:.1%} yes); answers: {said['answers']}")


class Instant(http.server.BaseHTTPRequestHandler):
    """A server of a language model that has its answer ready."""

    protocol_version = "HTTP/1.1"
    arrived = []  # when each request for text came

    def send(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.send("application/json", b'{"object":"list","data":[{"id":"instant","object":"model"}]}')

    def do_POST(self):
        size = int(self.headers["Content-Length"])
        body = json.loads(self.rfile.read(size))
        if not self.path.endswith("/chat/completions"):
            return self.send("application/json", b'{"tokens":[]}')
        Instant.arrived.append(time.monotonic())
        # A sentence of a source, which is quoted, and again without some of its words and with others.
        lines = [line.split(". ")[0] for line in body["messages"][-1]["content"].split("\n")]
        told = next((s for s in lines if len(s.split()) > 9 and not s.endswith("?") and s[0].isalpha()), "Nothing")
        words = told.rstrip(".").split()
        other = " ".join(["Roughly", words[0].lower(), *words[1:-1], "after", "all"])
        text = " ".join(words) + ".\n" + other + ".\n"
        delta = lambda delta, end=None: b"data: " + json.dumps(
            {"choices": [{"index": 0, "delta": delta, "finish_reason": end}]}).encode() + b"\n\n"
        self.send("text/event-stream", delta({"role": "assistant", "content": None}) + delta({"content": text})
                  + delta({}, "stop") + b"data: [DONE]\n\n")

    def log_message(self, *_):
        """Says nothing."""


def delay(command, asked, runs):
    """Prints how long qsearch itself takes before it asks the model, and behind what the model writes."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Instant)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/v1#instant"
    before, behind, rest, plain, near = [], [], [], [], 0
    for question, _ in asked * runs:
        Instant.arrived.clear()
        began = time.monotonic()
        done, _, _, first, whole = ask([*command, f"--write={url}"], question)
        if first is not None and Instant.arrived:
            before.append(Instant.arrived[0] - began)
            behind.append(began + first - Instant.arrived[0])
            rest.append(whole - first)
            plain.append(ask(command, question)[4])
            near += sum(s["support"] == "near" for s in (done.get("answer") or {}).get("sentences") or [])
    for label, times in [
        ("`ask` without --write, the whole process", plain), ("until the model is asked", before),
        ("from its text to the first shown sentence", behind), ("the second sentence, and the end", rest),
    ]:
        if times:
            print(f"ms {label}: median {statistics.median(times) * 1000:.1f}, worst {max(times) * 1000:.1f}, {len(times)} runs")
    print(f"{near} near sentences shown")


def main():
    """Reads the arguments."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("questions", nargs="?")
    args.add_argument("--qsearch", default="qsearch")
    args.add_argument("--index")
    args.add_argument("--write", metavar="URL#MODEL")
    args.add_argument("--strict", action="store_true")
    args.add_argument("--sheet")
    args.add_argument("--replies", help="keeps each reply, as JSON lines")
    args.add_argument("--runs", type=int, default=1)
    args.add_argument("--every", type=int, default=1, help="asks only each N-th question")
    args.add_argument("--labels")
    args.add_argument("--delay", action="store_true")
    args = args.parse_args()
    if args.labels:
        return labels(args.labels)
    asked = list(questions(args.questions))[:: args.every]
    command = [args.qsearch, *(["--index", args.index] if args.index else []), "ask"]
    if args.delay:
        return delay(command, asked, args.runs)
    name = "strict" if args.strict else "default"
    command.append(f"--write={'strict,' if args.strict else ''}{args.write}")
    replies = []
    for question, answerable in asked * args.runs:
        done, status, said, first, whole = ask(command, question)
        if done is None:
            print(f"{question}: exit {status}: {said}")
            continue
        replies.append((question, answerable, done, status, first, whole))
        shown = len((done.get("answer") or {}).get("sentences") or [])
        print(f"{name}: {question} ({done['confidence']}): {shown} sentences, {whole:.1f} s", flush=True)
        if args.replies:
            with open(args.replies, "a", encoding="utf-8") as out:
                print(json.dumps({"run": name, "answerable": answerable, "first": first, "whole": whole, **done}), file=out)
    table(name, replies)
    if args.sheet:
        sheet(args.sheet, name, replies)


if __name__ == "__main__":
    main()
