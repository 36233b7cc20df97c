#!/usr/bin/env python3
"""Draws the README's picture of an answer from a PDF: what the terminal shows, and the page that it cites.

    python3 benches/documents/picture.py target/release/qsearch > benches/documents/answer.svg

It writes a small PDF, has it indexed and asked, and draws both; nothing in the picture is typed by hand. It needs pymupdf
(PyPI).
"""

import base64
import html
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pymupdf

QUESTION = "how often is the pump serviced"

PAGES = [
    ("The mill", "1  About this handbook", [
        "This handbook is for those who look after the water mill. It says what is done in which season, and by whom.",
        "The mill was built in 1871 and has ground corn until 1958. Since then it makes power for eleven houses.",
    ]),
    ("The mill", "2  The wheel", [
        "The wheel has thirty-two buckets of larch. A bucket lasts for nine years; four are renewed each spring.",
        "Ice is the worst that can happen to a wheel. It is stopped before the frost, and the sluice stays open.",
    ]),
    ("The mill", "3  The pump", [
        "The pump lifts water from the tail race to the garden. It runs at night, when power is cheap.",
        "It is taken apart and serviced every two thousand hours, which is about once a year. Seals and the bearing "
        "are renewed each time; the impeller only if it has lost more than two millimetres.",
        "A pump that sings has drawn air. Close the valve, fill the pipe, and open the valve slowly.",
    ]),
]


def write(path):
    """Writes the handbook."""
    document = pymupdf.open()
    for number, (head, title, paragraphs) in enumerate(PAGES, 1):
        page = document.new_page(width=420, height=560)
        page.insert_text((48, 40), f"{head} · handbook", fontsize=8, fontname="tiro")
        page.insert_text((360, 530), str(number), fontsize=9, fontname="tiro")
        page.insert_text((48, 90), title, fontsize=17, fontname="tibo")
        top = 110
        for text in paragraphs:
            left = page.insert_textbox((48, top, 372, top + 200), text, fontsize=11.5, fontname="tiro", lineheight=1.4)
            top += 200 - left + 10
    document.set_metadata({"title": "The mill: a handbook"})
    document.save(path)


def ask(binary, folder):
    """What the terminal shows of an answer."""
    run = lambda *arguments: subprocess.run([binary, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    run("index", "notes")
    shown = run("ask", "--color", "always", QUESTION).stdout
    return [re.sub(r"\x1b\]8;;[^\x1b]*\x1b\\", "", line) for line in shown.splitlines()][:8]


def styled(line):
    """A line with the terminal's styles as spans of SVG."""
    out, style = [], ""
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        found = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if found:
            codes = found[1].split(";")
            style = " ".join(filter(None, [
                'font-weight="bold" fill="#ffffff"' if "1" in codes else "",
                'fill="#8b949e"' if "2" in codes else "",
                'fill="#79c0ff"' if {"34", "36", "94", "96"} & set(codes) else "",
                'fill="#7ee787"' if {"32", "92"} & set(codes) else "",
            ]))
        elif part:
            out.append(f'<tspan {style}>{html.escape(part)}</tspan>'.replace("> ", ">\u00a0").replace("  ", "\u00a0\u00a0"))
    return "".join(out)


def main():
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder, "notes")
        notes.mkdir()
        write(notes / "mill.pdf")
        lines = ask(str(Path(sys.argv[1]).resolve()), folder)
        page = pymupdf.open(notes / "mill.pdf")[2]
        for found in page.search_for("serviced every two thousand hours"):
            page.add_highlight_annot(found).update()
        picture = base64.b64encode(page.get_pixmap(dpi=110).tobytes("png")).decode()
    wrapped = []
    for line in lines:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", line)
        if len(plain) <= 66:
            wrapped.append(styled(line))
            continue
        row = ""
        for word in plain.split(" "):
            if len(row) + len(word) > 64:
                wrapped.append(html.escape(row))
                row = ""
            row += word + " "
        wrapped.append(html.escape(row))
    rows = [f'<tspan fill="#7ee787">$</tspan> qsearch ask "{QUESTION}"', *wrapped]
    text = "".join(f'<text x="24" y="{54 + 22 * at}" xml:space="preserve">{row}</text>' for at, row in enumerate(rows))
    print(f'''<svg xmlns="http://www.w3.org/2000/svg" width="960" height="420" viewBox="0 0 960 420" role="img"
 aria-label="A question in a terminal, its answer with a citation of page 3, and that page with the sentence marked">
<rect width="960" height="420" fill="#f6f8fa"/><rect x="8" y="20" width="616" height="{22 * len(rows) + 34}" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13.5" fill="#e6edf3">{text}</g>
<image x="650" y="20" width="285" height="380" href="data:image/png;base64,{picture}"/>
<rect x="650" y="20" width="285" height="380" fill="none" stroke="#d0d7de"/></svg>''')


if __name__ == "__main__":
    main()
