#!/usr/bin/env python3
"""How much of the text of documents does qsearch read, against other readers of the same files?

    python3 benches/documents/score.py target/release/qsearch FOLDER [--only pdf,docx] [--worst 20] [--json OUT]

It runs `qsearch extract FILE --json` over every document below FOLDER and compares words with what others read. It needs
`pdftotext` (Debian: poppler-utils) and from PyPI: pymupdf, pypandoc_binary, python-pptx, openpyxl, nbformat,
beautifulsoup4. Those are only run here; nothing of them is in qsearch.

**Words.** Text is brought to Unicode's NFKC form and lower case; soft hyphens and marks of direction are dropped, a
hyphen at a line's end is joined with the next line, and hyphens within words are dropped on both sides, so that
"well-known" is one word whether a line broke it or not. What qsearch writes as Markdown (`#`, `|`, `*`, `>`, the bars of
tables, backslashes) isn't a letter and so is no word. Each Chinese character or kana is a word by itself, since lines
there break anywhere. Words are compared as multisets: their order isn't judged.

**PDF**, page by page. The reference are the pages on which pdftotext and MuPDF agree at a word F1 of .9 or more. A page's
figure is the mean of its F1 against each of the two; a folder's is the mean over its pages. What qsearch leaves out or
adds on purpose neither helps nor harms: on each page these words of the reference needn't be found, and may be:

* running heads and feet: a line in the outer 20 % of the page, above, below or turned at a side, whose text, with digits
  alike, stands there on three pages or more, or on all pages of a document of two;
* names and values of form fields, and the contents of annotations.

**Others**, file by file: which share of the reference's words is in the extract (recall), as the mean over files.

* DOCX, ODT, RTF against pandoc's plain text, with tracked insertions accepted; ODP against the text of its XML.
* HTML twice: against pandoc's plain text of the whole page, and of its article, which is what is left without `nav`,
  `header`, `footer`, `aside`, `form` and what is hidden (or `main` or `article` if there is one).
* PPTX against python-pptx: text of all shapes, groups, tables and notes; not slide numbers, dates and footers.
* XLSX against openpyxl's values. A number or a date is found if one of its usual forms is.
* EPUB against the text of the pages in its spine. EML, mbox and MHTML against Python's email package: the subject and
  the text, or the HTML where there is no text. ipynb against nbformat: sources, and outputs that are text.
  CSV against Python's csv. ENEX against the text of its notes.

What is left out is printed with the reason: files that need a password among them, since qsearch asks for none.
`--cache FOLDER` keeps what pdftotext and MuPDF read for the next run.
"""

import argparse
import collections
import csv
import email
import email.policy
import hashlib
import html
import html.parser
import io
import json
import mailbox
import os
import pathlib
import re
import resource
import subprocess
import sys
import threading
import time
import unicodedata
import warnings
import zipfile
from xml.etree import ElementTree

AGREE = 0.9
LOW = 0.8
TIMEOUT = 60


# Words.

DROPPED = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
JOINED = re.compile(r"(?<=[^\W\d_])[-‐‑]\s*\n\s*(?=[^\W\d_])")
HYPHEN = re.compile(r"(?<=\w)[-‐‑](?=\w)")
IDEOGRAPH = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
WORD = re.compile(f"[{IDEOGRAPH}]|(?:(?![{IDEOGRAPH}_])\\w)+")
CJK = re.compile(f"[{IDEOGRAPH}\uac00-\ud7af]")
RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe]")


def words(text):
    """The words of a text, counted."""
    text = unicodedata.normalize("NFKC", text.translate(DROPPED)).lower()
    text = "".join(c for c in text if not unicodedata.combining(c) or not RTL.match(c))
    text = HYPHEN.sub("", JOINED.sub("", text))
    return collections.Counter(WORD.findall(text))


def unmarked(text):
    """The text of Markdown without what makes it Markdown: escapes and entities, and fences of code."""
    text = re.sub(r"^\s*(?:```|~~~)\w*\s*$", "", text, flags=re.M)
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text).replace("<br>", "\n")
    return html.unescape(text)


def shared(a, b):
    """How many words two texts share."""
    return sum((a & b).values())


def f1(ours, reference, running=collections.Counter(), aside=collections.Counter()):
    """F1 and recall of words; those of `running` lines and what is `aside` needn't be found, and may be."""
    demanded = reference - running - aside
    size, found = sum(demanded.values()), shared(ours, demanded)
    recall = found / size if size else 1.0
    ours_size = sum(ours.values())
    precision = shared(ours, reference + aside) / ours_size if ours_size else (1.0 if not size else 0.0)
    return (2 * precision * recall / (precision + recall) if precision + recall else 0.0), recall


# Running qsearch.


class Failed(Exception):
    """A reader didn't read the file; says why."""


def run(binary, path):
    """What the reader makes of a file: `{"places": [{"kind", "number", "text"}], "warnings": [...]}`, and CPU seconds."""
    command = [binary, "extract", str(path), "--json"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        raise Failed(f"no end after {TIMEOUT} s") from None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    try:
        read = json.loads(done.stdout.decode("utf-8"))
    except ValueError:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Failed(f"exit {done.returncode}: {said[-1] if said else 'nothing said'}") from None
    if isinstance(read, list):  # An archive of notes.
        read = {"places": [{"text": note.get("title") or ""} for note in read] + [p for note in read for p in note["places"]]}
    if "places" not in read:
        raise Failed(str(read.get("error") or "nothing was read"))
    return read, seconds


def everything(read):
    """All the text that was read, and the title."""
    title = read.get("title") or ""
    return unmarked("\n".join([title, *(place["text"] for place in read["places"])]))


# PDF.


def mupdf(path):
    """What MuPDF reads: pages' text, lines near the edge, and what forms and annotations hold."""
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    document = pymupdf.open(path)
    if document.needs_pass:
        return {"left_out": "encrypted with a password"}
    pages = []
    for page in document:
        text = page.get_text("text")
        height, edge = page.rect.height or 1, []
        for block in page.get_text("dict", flags=pymupdf.TEXTFLAGS_TEXT)["blocks"]:
            for line in block.get("lines", []):
                top, bottom = (line["bbox"][1] - page.rect.y0) / height, (line["bbox"][3] - page.rect.y0) / height
                said = "".join(span["text"] for span in line["spans"]).strip()
                if abs(line["dir"][1]) > 0.7:
                    width = page.rect.width or 1
                    top, bottom = (line["bbox"][0] - page.rect.x0) / width, (line["bbox"][2] - page.rect.x0) / width
                if said and (bottom < 0.2 or top > 0.8):
                    edge.append(said)
        aside = []
        try:
            for widget in page.widgets() or []:
                aside += [str(widget.field_name or ""), str(widget.field_value or ""), str(widget.field_label or "")]
            for annot in page.annots() or []:
                aside += [value for value in annot.info.values() if value]
        except Exception:
            pass  # Forms and annotations of damaged files; their text counts as any other then.
        pages.append({"text": text, "edge": edge, "aside": " ".join(aside)})
    return {"pages": pages}


class Mupdf:
    """A process that reads PDFs with MuPDF, one after the other; begun anew if one stops it."""

    def __init__(self):
        self.process = None

    def read(self, path):
        """What `mupdf` says of a file."""
        if self.process is None or self.process.poll() is not None:
            command = [sys.executable, __file__, "--mupdf"]
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        stop = threading.Timer(30, self.process.kill)
        stop.start()
        try:
            self.process.stdin.write(f"{path}\n".encode())
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())
        except (OSError, ValueError):
            self.process.kill()
            self.process.wait()
            raise Failed("MuPDF doesn't read it") from None
        finally:
            stop.cancel()

    @staticmethod
    def serve():
        """Answers each path of a line of the input with a line of JSON."""
        out = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)
        for line in sys.stdin:
            try:
                said = mupdf(line.rstrip("\n"))
            except Exception as failure:
                said = {"left_out": f"MuPDF says {type(failure).__name__}"}
            print(json.dumps(said), file=out, flush=True)


MUPDF = Mupdf()


def pdf_others(path):
    """What both others read of a PDF: pdftotext's pages, MuPDF's, and pdftotext's seconds."""
    read = MUPDF.read(path)
    if "left_out" in read:
        raise Failed(read["left_out"])
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(["pdftotext", "-enc", "UTF-8", str(path), "-"], capture_output=True, timeout=30)
    except subprocess.TimeoutExpired:
        raise Failed("pdftotext doesn't end") from None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    poppler = done.stdout.decode("utf-8", "replace").split("\f")
    if len(poppler) > 1 and not poppler[-1].strip():
        poppler.pop()
    if done.returncode or not poppler:
        raise Failed("pdftotext doesn't read it")
    if len(poppler) != len(read["pages"]):
        raise Failed(f"the others count {len(poppler)} and {len(read['pages'])} pages")
    return poppler, read["pages"], seconds


def cached(path, cache):
    """The same, from the cache if it is there."""
    if cache is None:
        return pdf_others(path)
    kept = cache / (hashlib.sha256(path.read_bytes()).hexdigest()[:24] + ".json")
    if kept.exists():
        read = json.loads(kept.read_text())
    else:
        try:
            read = pdf_others(path)
        except Failed as failure:
            read = str(failure)
        cache.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(read))
    if isinstance(read, str):
        raise Failed(read)
    return read


def pdf_reference(path, cache):
    """The pages as `[(pdftotext's words, MuPDF's, those of running lines, those aside)]`, and pdftotext's seconds."""
    poppler, pages, seconds = cached(path, cache)
    alike, often = collections.Counter(), min(3, max(2, len(pages)))
    for page in pages:
        alike.update({re.sub(r"\d+|\b[ivxlc]+\b", "#", line.lower()) for line in page["edge"]})
    reference = []
    for theirs, page in zip(poppler, pages):
        running = [line for line in page["edge"] if alike[re.sub(r"\d+|\b[ivxlc]+\b", "#", line.lower())] >= often]
        reference.append((words(theirs), words(page["text"]), words("\n".join(running)), words(page["aside"])))
    return reference, seconds


def pdf(binary, path, cache, out):
    """Scores of a PDF's pages go to `out.pages`, what is left out to `out.left`."""
    reference, theirs = pdf_reference(path, cache)
    agreed = {}
    for number, (poppler, other, running, aside) in enumerate(reference, 1):
        if not poppler and not other:
            out.left["a page has no text"] += 1
        elif f1(poppler, other)[0] < AGREE:
            out.left["pdftotext and MuPDF don't agree on a page"] += 1
        elif not (poppler - running - aside) and not (other - running - aside):
            out.left["a page has running lines, fields and annotations only"] += 1
        else:
            agreed[number] = (poppler, other, running, aside)
    if not agreed:
        raise Failed("no page that the others agree on")
    failed = None
    try:
        read, seconds = run(binary, path)
    except Failed as failure:
        read, seconds, failed = {"places": []}, 0.0, str(failure)
    ours = collections.defaultdict(list)
    for place in read["places"]:
        ours[place.get("number")].append(place["text"])
    for number, (poppler, other, running, aside) in agreed.items():
        mine = words(unmarked("\n".join(ours.get(number, []))))
        (a, recall_a), (b, recall_b) = f1(mine, poppler, running, aside), f1(mine, other, running, aside)
        text = "".join(poppler.elements())
        share = lambda kind: len(kind.findall(text)) > 0.3 * max(len(text), 1)
        missing = list(((poppler & other) - running - aside - mine).elements())[:8]
        extra = list((mine - poppler - other - aside).elements())[:8]
        out.pages.append(
            {
                "file": str(path),
                "page": number,
                "f1": (a + b) / 2,
                "recall": max(recall_a, recall_b),
                "cjk": share(CJK),
                "rtl": share(RTL),
                "missing": missing,
                "extra": extra,
                "failed": failed,
            }
        )
    out.times.append((len(reference), seconds, theirs))


# Other documents: what others read.

BLOCKS = set(
    "address article aside blockquote body br caption dd details dialog div dl dt fieldset figcaption figure footer form h1 h2"
    " h3 h4 h5 h6 header hr li main nav ol option p pre section select summary table tbody td tfoot th thead tr ul".split()
)


class Text(html.parser.HTMLParser):
    """The text of a web page, with lines where its blocks end."""

    def __init__(self):
        super().__init__()
        self.parts, self.silent = [], 0

    def handle_starttag(self, tag, attributes):
        self.silent += tag in ("script", "style", "title", "template")
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag):
        self.silent = max(0, self.silent - (tag in ("script", "style", "title", "template")))
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data):
        if not self.silent:
            self.parts.append(data)


def html_text(source):
    """The text of a web page's body."""
    parser = Text()
    parser.feed(re.sub(r"<(script|style|title|template)\b([^>]*)/>", r"<\1\2></\1>", source))
    parser.close()
    return "".join(parser.parts)


def pandoc(path=None, form=None, source=None):
    """A document as pandoc prints it without markup."""
    import pypandoc

    command = [pypandoc.get_pandoc_path(), "-f", form, "-t", "plain", "--wrap=none", "--track-changes=accept"]
    try:
        given = source.encode() if source is not None else None
        command += [] if source is not None else [str(path)]
        done = subprocess.run(command, input=given, capture_output=True, timeout=60)
    except subprocess.TimeoutExpired:
        raise Failed("pandoc doesn't end") from None
    if done.returncode:
        raise Failed("pandoc doesn't read it")
    return done.stdout.decode("utf-8")


def page_source(path):
    """A web page as text."""
    from bs4 import UnicodeDammit

    return UnicodeDammit(path.read_bytes(), is_html=True).unicode_markup or ""


def html_reference(path):
    return words(pandoc(form="html", source=page_source(path)))


def article_reference(path):
    """The words of a page's article."""
    from bs4 import BeautifulSoup

    warnings.simplefilter("ignore")  # That a page is XML.
    page = BeautifulSoup(page_source(path), "lxml")
    root = page.find("main") or page.find(attrs={"role": "main"})
    root = root or (page.find_all("article")[0] if len(page.find_all("article")) == 1 else page.body or page)
    for tag in root.find_all(["nav", "footer", "aside", "form", "script", "style", "template", "noscript"]):
        tag.decompose()
    for tag in root.find_all("header"):
        if not tag.find_parent(["article", "main"]):
            tag.decompose()
    for tag in root.find_all(attrs={"hidden": True}):
        tag.decompose()
    found = words(pandoc(form="html", source=str(root)))
    if not found:
        raise Failed("it has no article")
    return found


def pptx_reference(path):
    """The words of a presentation's slides and notes."""
    import pptx
    from pptx.enum.shapes import PP_PLACEHOLDER as kind

    skipped = {kind.SLIDE_NUMBER, kind.DATE, kind.FOOTER, kind.HEADER, kind.SLIDE_IMAGE}
    said = []

    def shape_text(shape):
        if shape.is_placeholder and shape.placeholder_format.type in skipped:
            return
        if hasattr(shape, "shapes"):
            for inner in shape.shapes:
                shape_text(inner)
        if getattr(shape, "has_table", False) and shape.has_table:
            said.extend(cell.text for row in shape.table.rows for cell in row.cells if not cell.is_spanned)
        elif shape.has_text_frame:
            said.append(shape.text_frame.text)

    for slide in pptx.Presentation(path).slides:
        for shape in slide.shapes:
            shape_text(shape)
        if slide.has_notes_slide:
            for shape in slide.notes_slide.shapes:
                shape_text(shape)
    return words("\n".join(said).replace("\v", "\n"))


def forms(value):
    """The usual ways in which a cell's value is written."""
    import datetime

    if isinstance(value, bool):
        return [str(value)]
    if isinstance(value, (int, float)):
        rounded = [f"{value:.{digits}f}" for digits in range(0, 7)] + [f"{value:.{digits}g}" for digits in (6, 10, 12, 15)]
        part = [f"{100 * value:.{digits}f}" for digits in range(0, 4)]
        return [repr(value), *rounded, *part, *(f"{value:,.{digits}f}" for digits in range(0, 4))]
    if isinstance(value, (datetime.datetime, datetime.date)):
        written = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        return [value.strftime(form) for form in written]
    if isinstance(value, datetime.time):
        return [value.strftime(form) for form in ["%H:%M:%S", "%H:%M"]]
    return [str(value)]


def xlsx_recall(path, ours):
    """How much of a workbook's values is in `ours`: (found, all)."""
    import openpyxl

    found = size = 0
    ours = ours.copy()
    for sheet in openpyxl.load_workbook(path, data_only=True).worksheets:
        for row in sheet.iter_rows(values_only=True):
            for value in row:
                if value is None or not words(str(value)):
                    continue
                if isinstance(value, str):
                    these = words(value)
                    size, found = size + sum(these.values()), found + shared(these, ours)
                    ours -= these
                    continue
                size += 1
                hit = next((these for these in map(words, forms(value)) if these <= ours), None)
                if hit:
                    found += 1
                    ours -= hit
    return found, size


def epub_reference(path):
    """The words of the pages in a book's spine."""
    said = []
    with zipfile.ZipFile(path) as book:
        names = {name.lower(): name for name in book.namelist()}
        read = lambda name: book.read(names[name.lower()])
        local = lambda tree, tag: [e for e in tree.iter() if isinstance(e.tag, str) and e.tag.split("}")[-1] == tag]
        root = local(ElementTree.fromstring(read("META-INF/container.xml")), "rootfile")[0].get("full-path")
        opf = ElementTree.fromstring(read(root))
        hrefs = {item.get("id"): item.get("href") for item in local(opf, "item")}
        from urllib.parse import unquote

        for item in local(opf, "itemref"):
            href = hrefs.get(item.get("idref"))
            if not href or not re.search(r"html?$", href.split("#")[0], re.I):
                continue
            name = os.path.normpath(os.path.join(os.path.dirname(root), unquote(href.split("#")[0]))).replace("\\", "/")
            if name.lower() in names:
                said.append(html_text(read(name).decode("utf-8", "replace")))
    return words("\n".join(said))


def message_text(message):
    """A message's subject and what it says."""
    body = message.get_body(("plain", "html"))
    said = [str(message.get("subject", ""))]
    if body is not None:
        try:
            content = body.get_content()
        except (LookupError, UnicodeError):
            content = body.get_payload(decode=True).decode("utf-8", "replace")
        content = content if isinstance(content, str) else content.decode("utf-8", "replace")
        said.append(html_text(content) if body.get_content_type() == "text/html" else content)
    return "\n".join(said)


def eml_reference(path):
    content = path.read_bytes()
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content[:4]:
        little = content[:2] == b"\xff\xfe" or content[1:2] == b"\0"
        content = content.decode("utf-16-le" if little else "utf-16-be", "replace").lstrip("\ufeff").encode()
    return words(message_text(email.message_from_bytes(content, policy=email.policy.default)))


def mbox_reference(path):
    parse = lambda file: email.message_from_binary_file(file, policy=email.policy.default)
    return words("\n".join(map(message_text, mailbox.mbox(str(path), factory=parse, create=False))))


def ipynb_reference(path):
    """The words of a notebook's cells, and of outputs that are text."""
    import nbformat

    said = []
    for cell in nbformat.read(path, as_version=4).cells:
        said.append(cell.source)
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                said.append(output.text)
            elif output.output_type in ("execute_result", "display_data") and "text/plain" in output.data:
                if not {"image/png", "image/jpeg", "image/svg+xml", "text/html"} & set(output.data):
                    said.append(output.data["text/plain"])
    return words("\n".join(said))


def decoded(content):
    for encoding in ("utf-8-sig", "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "cp932", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def csv_reference(path):
    text = decoded(path.read_bytes())
    try:
        dialect = csv.Sniffer().sniff(text[:4000], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    return words("\n".join("\n".join(row) for row in csv.reader(io.StringIO(text), dialect)))


def enex_reference(path):
    said = []
    for note in ElementTree.fromstring(path.read_bytes()).iter("note"):
        said += [note.findtext("title") or "", html_text(note.findtext("content") or "")]
    return words("\n".join(said))


def odp_reference(path):
    """The words of the paragraphs of an OpenDocument presentation."""
    kept, dropped = [], ("date-time", "footer", "page-number", "header")

    def walk(element):
        tag = element.tag.split("}")[-1]
        if tag in ("p", "h"):
            kept.append("".join(element.itertext()))
        elif not any(element.get(key) in dropped for key in element.keys() if key.endswith("class")):
            for inner in element:
                walk(inner)

    with zipfile.ZipFile(path) as package:
        walk(next(e for e in ElementTree.fromstring(package.read("content.xml")).iter() if e.tag.endswith("}body")))
    return words("\n".join(kept))


def with_pandoc(form):
    return lambda path: words(pandoc(path, form))


REFERENCES = {
    "docx": with_pandoc("docx"),
    "odt": with_pandoc("odt"),
    "rtf": with_pandoc("rtf"),
    "html": html_reference,
    "article": article_reference,
    "pptx": pptx_reference,
    "odp": odp_reference,
    "epub": epub_reference,
    "eml": eml_reference,
    "mhtml": eml_reference,
    "mbox": mbox_reference,
    "ipynb": ipynb_reference,
    "csv": csv_reference,
    "enex": enex_reference,
}
KINDS = {"htm": "html", "xhtml": "html", "mht": "mhtml", "tsv": "csv", "docm": "docx", "pptm": "pptx", "xlsm": "xlsx"}


def other(binary, path, kind, out):
    """The score of a file that isn't a PDF goes to `out.files`."""
    failed = None
    try:
        read, _ = run(binary, path)
        ours = words(everything(read))
    except Failed as failure:
        ours, failed = collections.Counter(), str(failure)
    for judged in [kind, "article"] if kind == "html" else [kind]:
        try:
            if kind == "xlsx":
                found, size = xlsx_recall(path, ours)
                missing = []
            else:
                reference = REFERENCES[judged](path)
                found, size = shared(ours, reference), sum(reference.values())
                missing = list((reference - ours).elements())[:12]
        except Failed as failure:
            out.left[f"{judged}: {failure}"] += 1
            continue
        except Exception as failure:
            out.left[f"{judged}: the other reader says {type(failure).__name__}"] += 1
            continue
        if not size:
            out.left[f"{judged}: no words"] += 1
            continue
        out.files.append(
            {"file": str(path), "kind": judged, "recall": found / size, "words": size, "missing": missing, "failed": failed}
        )


# All of it.


class Out:
    """What was measured."""

    def __init__(self):
        self.pages, self.files, self.times, self.left = [], [], [], collections.Counter()


def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else float("nan")


def report(out, folder, worst):
    """Prints all figures as Markdown."""
    name = lambda file: os.path.relpath(file, folder)
    if out.pages:
        by = collections.defaultdict(list)
        for page in out.pages:
            top = pathlib.Path(name(page["file"])).parts
            by[top[0] if len(top) > 1 else "."].append(page)
        rows = [(key, by[key]) for key in sorted(by)] + [("all", out.pages)]
        clean = [p for p in out.pages if not {"pdf.js", "corkami"} & set(pathlib.Path(name(p["file"])).parts)]
        if len(clean) < len(out.pages):
            rows.append(("without pdf.js and corkami", clean))
        rows += [("CJK", [p for p in out.pages if p["cjk"]]), ("right to left", [p for p in out.pages if p["rtl"]])]
        print("| PDF | pages | word F1 | recall below .8 |\n|---|---|---|---|")
        for key, pages in rows:
            print(f"| {key} | {len(pages)} | {mean(p['f1'] for p in pages):.4f} | {sum(p['recall'] < LOW for p in pages)} |")
        count, ours, theirs = (sum(time[i] for time in out.times) for i in range(3))
        print(f"\n{count} pages in {len(out.times)} files: {1000 * ours / count:.2f} ms a page of CPU, start of a process", end="")
        print(f" for each file included; pdftotext {1000 * theirs / count:.2f}.\n\nPages with a recall below {LOW}:\n")
        for page in sorted(out.pages, key=lambda p: p["recall"]):
            if page["recall"] < LOW:
                note = page["failed"] or f"missing {' '.join(page['missing'])} | extra {' '.join(page['extra'])}"
                print(f"* {name(page['file'])} p{page['page']}: recall {page['recall']:.2f}, F1 {page['f1']:.2f}; {note}")
        low = sorted((p for p in out.pages if p["recall"] >= LOW), key=lambda p: p["f1"])[:worst]
        print("\nThe lowest of the others:\n")
        for page in low:
            note = f"missing {' '.join(page['missing'])} | extra {' '.join(page['extra'])}"
            print(f"* {name(page['file'])} p{page['page']}: F1 {page['f1']:.3f}, recall {page['recall']:.2f}; {note}")
    if out.files:
        by = collections.defaultdict(list)
        for file in out.files:
            by[file["kind"]].append(file)
        print("\n| kind | files | recall | of all words |\n|---|---|---|---|")
        for kind in sorted(by):
            files, size = by[kind], sum(file["words"] for file in by[kind])
            words_found = sum(file["recall"] * file["words"] for file in files)
            print(f"| {kind} | {len(files)} | {mean(f['recall'] for f in files):.4f} | {words_found / size:.4f} |")
        print("\nThe worst files:\n")
        for kind in sorted(by):
            low = [f for f in sorted(by[kind], key=lambda f: f["recall"]) if f["recall"] < 0.99]
            for file in low[:worst]:
                note = file["failed"] or "missing " + " ".join(file["missing"])
                print(f"* {kind} {name(file['file'])}: {file['recall']:.3f} of {file['words']}; {note}")
    print("\nLeft out:\n")
    for reason, count in sorted(out.left.items()):
        print(f"* {count} × {reason}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", help="qsearch")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", default="", help="kinds, with commas between: pdf,docx,html")
    parser.add_argument("--worst", type=int, default=20, help="how many of the worst are listed for each kind")
    parser.add_argument("--json", type=pathlib.Path, help="where all figures are written")
    parser.add_argument("--cache", type=pathlib.Path, help="where the PDF readers' texts are kept")
    options = parser.parse_args()
    only, out, began = {kind for kind in options.only.split(",") if kind}, Out(), time.time()
    for path in sorted(options.folder.rglob("*")):
        kind = path.suffix.lower().lstrip(".")
        kind = KINDS.get(kind, kind)
        if not path.is_file() or (only and kind not in only):
            continue
        try:
            if kind == "pdf":
                pdf(options.binary, path, options.cache, out)
            elif kind in REFERENCES or kind == "xlsx":
                other(options.binary, path, kind, out)
            else:
                out.left[f"no other reader here for .{kind}" if kind else "no extension"] += 1
        except Failed as failure:
            out.left[f"pdf: {failure}"] += 1
    report(out, options.folder, options.worst)
    print(f"\n{time.time() - began:.0f} s")
    if options.json:
        options.json.write_text(json.dumps({"pages": out.pages, "files": out.files, "left": out.left}, indent=1))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--mupdf"]:
        Mupdf.serve()
    else:
        main()
