#!/usr/bin/env python3
"""Tables in Markdown and a plot of `target/bench-vectors/results.jsonl`, for benches/README.md.

  table.py [RESULTS] [--target .99] [--plot SET FILE.svg]

Of an engine that was measured more than once with the same parameters, the last run counts; of several choices of
parameters, the one that answers most queries a second at the target recall. Rates between two measured breadths are
interpolated: logarithms, linear in recall.
"""

import argparse
import json
import math
from collections import defaultdict
from pathlib import Path
from xml.sax.saxutils import escape

RESULTS = Path(__file__).resolve().parents[2] / "target" / "bench-vectors" / "results.jsonl"
# What the others are compared with.
REFERENCE = "usearch f32"
OURS = "qsearch"
COLOURS = {
    "qsearch": "#2f7d4f",
    "usearch f32": "#2563eb",
    "usearch i8": "#7c9ff0",
    "hnswlib f32": "#c2570c",
    "faiss HNSW f32": "#9333ea",
    "faiss HNSW SQ8": "#c48bf2",
    "hnsw_rs f32": "#8a8f98",
}


def load(path):
    """The last runs: curves by set, engine and parameters; our searches as they come, and with filters; our updates."""
    newest, lines = defaultdict(int), []
    for text in path.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        line["variant"] = (line["set"], line["engine"], line.get("parameters"))
        newest[line["variant"]] = max(newest[line["variant"]], line["run"])
        lines.append(line)
    lines = [line for line in lines if line["run"] == newest[line["variant"]]]
    curves, filtered, updates = defaultdict(list), defaultdict(list), {}
    for line in lines:
        if "update_ms" in line:
            updates[line["set"]] = line
        elif line["filter"] is None and line.get("way", "graph") == "graph":
            curves[line["variant"]].append(line)
        else:
            filtered[line["set"]].append(line)
    for curve in curves.values():
        curve.sort(key=lambda line: line["ef"] or 0)
    return curves, filtered, updates


def rate_at(curve, target):
    """Queries a second at a recall; None if that isn't reached, the first point's if that is above it already."""
    before = None
    for line in curve:
        if line["recall"] >= target:
            if before is None or line["recall"] == before["recall"]:
                return line["qps"]
            share = (target - before["recall"]) / (line["recall"] - before["recall"])
            return math.exp((1 - share) * math.log(before["qps"]) + share * math.log(line["qps"]))
        before = line
    return None


def best_variants(curves, target):
    """By set and engine, the curve that is best at the target."""
    best = {}
    for (set_, engine, _), curve in curves.items():
        worth = (rate_at(curve, target) or 0, max(line["recall"] for line in curve))
        if (set_, engine) not in best or worth > best[set_, engine][0]:
            best[set_, engine] = (worth, curve)
    return {key: curve for key, (_, curve) in best.items()}


def number(value, form="{:,.0f}"):
    return "–" if value is None else form.format(value)


def sizes(curves):
    """The sets, small ones first."""
    rows = {set_: curve[0]["rows"] for (set_, _, _), curve in curves.items()}
    return sorted(rows.items(), key=lambda item: (item[0].split("-")[0], item[1]))


def print_comparison(set_, rows, best, target):
    """The engines on one set, the fastest first."""
    curves = {engine: curve for (name, engine), curve in best.items() if name == set_}
    rates = {engine: rate_at(curve, target) for engine, curve in curves.items()}
    print(f"**{set_}**, {rows:,} vectors.\n")
    print(
        f"| engine | parameters | ef | recall@10 | queries/s at {target:g} | against {REFERENCE} | build, s |"
        " bytes a vector | open, ms | peak, MiB |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    for engine in sorted(curves, key=lambda engine: -(rates[engine] or 0)):
        curve = curves[engine]
        reached = [line for line in curve if line["recall"] >= target]
        point = reached[0] if reached else max(curve, key=lambda line: line["recall"])
        ratio = rates[engine] and rates.get(REFERENCE) and rates[engine] / rates[REFERENCE]
        cells = [
            f"**{engine}**" if engine == OURS else engine,
            point["parameters"],
            "–" if point["ef"] is None else point["ef"],
            f"{point['recall']:.4f}",
            number(rates[engine]) if reached else f"– ({point['qps']:,.0f} at {point['recall']:.3f})",
            number(ratio, "{:.2f} ×"),
            number(point["build_s"], "{:,.1f}"),
            number(point["bytes"]),
            number(point["open_ms"], "{:,.2f}"),
            number(point["rss_mib"]),
        ]
        print("| " + " | ".join(str(cell) for cell in cells) + " |")
    print()


def print_ours(filtered, updates, order):
    """Our searches as they come, by scanning, and with filters; and our updates."""
    print("| set | filter | leaves, % | search | recall@10 | queries/s |\n|---|---|---|---|---|---|")
    for set_, _ in order:
        for line in filtered.get(set_, []):
            print(
                f"| {set_} | {line['filter'] or 'none'} | {100 * line['left']:.1f} | {line['way']} |"
                f" {line['recall']:.4f} | {line['qps']:,.0f} |"
            )
    print()
    for set_, line in updates.items():
        print(
            f"One passage changed in {line['notes']:,} notes ({set_}): median {line['update_ms']:.0f} ms, worst"
            f" {line['update_worst_ms']:.0f} ms.\n"
        )


class Plot:
    """A plot of milliseconds a query over recall, as SVG; towards the right, each decade is one nine more."""

    width, height = 760, 436
    left, right, top, bottom = 62, 170, 60, 52

    def __init__(self, curves):
        self.curves = curves
        times = [1e3 / line["qps"] for curve in curves.values() for line in curve]
        self.fastest, self.slowest = math.log10(min(times)), math.log10(max(times))

    def x(self, recall):
        """From .8 to .999, by the logarithm of what is missed."""
        missed = min(max(1 - recall, 0.0008), 0.2)
        share = math.log(0.2 / missed) / math.log(0.2 / 0.0008)
        return self.left + share * (self.width - self.left - self.right)

    def y(self, milliseconds):
        share = (math.log10(milliseconds) - self.fastest) / max(self.slowest - self.fastest, 1e-9)
        return self.height - self.bottom - share * (self.height - self.top - self.bottom)

    def text(self, x, y, text, **attributes):
        attributes = {"fill": "#57606a", **attributes}
        listed = " ".join(f'{key.replace("_", "-")}="{value}"' for key, value in attributes.items())
        return f'  <text x="{x:.1f}" y="{y:.1f}" {listed}>{escape(text)}</text>'

    def axes(self):
        low, high = self.height - self.bottom, self.top
        end = self.width - self.right
        for recall in (0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999):
            x = self.x(recall)
            yield f'  <line x1="{x:.1f}" x2="{x:.1f}" y1="{low}" y2="{high}" stroke="#e4e6ea"/>'
            yield self.text(x, low + 18, f"{recall:g}".lstrip("0"), text_anchor="middle")
        ticks = [step * 10.0**power for power in range(-3, 4) for step in (1, 2, 5)]
        for tick in (tick for tick in ticks if self.fastest <= math.log10(tick) <= self.slowest):
            y = self.y(tick)
            yield f'  <line x1="{self.left}" x2="{end}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e4e6ea"/>'
            yield self.text(self.left - 8, y + 4, f"{tick:g}", text_anchor="end")
        yield self.text((self.left + end) / 2, low + 40, "recall@10", text_anchor="middle")
        yield self.text(16, self.top - 14, "ms a query")

    def lines(self):
        labels = []
        for engine, curve in self.curves.items():
            colour = COLOURS.get(engine, "#1f2328")
            points = [(self.x(line["recall"]), self.y(1e3 / line["qps"]), line) for line in curve]
            points = [point for point in points if point[2]["recall"] >= 0.8]
            # What comes after the first point at the edge would stand above it.
            inside = sum(line["recall"] < 0.999 for _, _, line in points)
            points = points[: inside + 1]
            if not points:
                continue
            joined = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
            width = 3 if engine == OURS else 1.7
            yield f'  <polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
            for x, y, line in points:
                what = f"{engine}, ef {line['ef']}: recall {line['recall']:.4f}, {1e3 / line['qps']:.3f} ms"
                yield f'  <circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"><title>{escape(what)}</title></circle>'
            labels.append((points[-1][1], engine, colour))
        # The names stand beside the ends of their lines, but never over each other.
        above = 0
        for y, engine, colour in sorted(labels):
            above = max(y + 4, above + 17)
            weight = 600 if engine == OURS else 400
            yield self.text(self.width - self.right + 12, above, engine, fill=colour, font_weight=weight)

    def svg(self, title):
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" viewBox="0 0'
            f' {self.width} {self.height}" font-family="system-ui, sans-serif" font-size="13" role="img"'
            f' aria-label="{escape(title)}">'
        )
        background = '  <rect width="100%" height="100%" rx="6" fill="#ffffff"/>'
        heading = self.text(16, 20, title, fill="#1f2328", font_size=15, font_weight=600)
        return "\n".join([head, background, heading, *self.axes(), *self.lines(), "</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="?", type=Path, default=RESULTS)
    parser.add_argument("--target", type=float, default=0.99)
    parser.add_argument("--plot", nargs=2, metavar=("SET", "FILE"))
    arguments = parser.parse_args()
    curves, filtered, updates = load(arguments.results)
    best, order = best_variants(curves, arguments.target), sizes(curves)
    for set_, rows in order:
        print_comparison(set_, rows, best, arguments.target)
    print_ours(filtered, updates, order)
    if arguments.plot:
        set_, file = arguments.plot
        shown = {engine: curve for (name, engine), curve in best.items() if name == set_}
        if not shown:
            parser.error(f"there are no results of {set_}")
        title = f"Milliseconds a query on one thread, by recall: {set_}, {dict(order)[set_]:,} vectors"
        Path(file).write_text(Plot(shown).svg(title), encoding="utf-8")


main()
