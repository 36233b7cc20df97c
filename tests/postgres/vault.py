"""Notes with all that notes may have, in two languages and a little of others, and questions about them."""

import random

from driving import CORPUS, write

NOTES = {
    "owls.md": """---
title: Barn owls
aliases: [Tyto alba, Screech owl]
tags: [birds/owls, nature]
date: 2024-03-07
status: done
author: Le Guin
---
# Barn owls

The barn owl hunts at night by sound alone. Its face is a dish that leads sound to its ears, which sit at different heights.

## Food

A pair eats some three thousand voles and mice a year. See [[Voles]] and [the field notes](field/2024-03-07%20walk.md#owls).

## Nest

They nest in barns, in hollow trees and in [[boxes|nest boxes]]. ![[plan]] #nest
""",
    "Voles.md": """---
tags: nature, mammals
created: May 1, 2024
status: draft
rating: 4
---
Voles are small rodents with short tails. The field vole lives in tall grass and is what [[owls]] eat most.

Q: How many young does a vole have?
A: Four to six in a litter, and up to seven litters a year.

Q: Do voles sleep in winter?
A: No. They dig tunnels below the snow and stay awake.
""",
    "field/2024-03-07 walk.md": """# Walk along the river

## Owls
We saw a barn owl at dusk over the meadow, and heard another. #birds/owls

## Weather
Windy, 10 °C, rain from the west at 5 pm. CO<sub>2</sub> meter: 415 ppm.
""",
    "field/2024-05-12 walk.md": """# Second walk

No owl this time. Two kestrels, one buzzard; the copy on write joke of [[Kim]] was told again. #birds
The water stood higher than in March, and the path by the mill was closed. due:: 2024-06-01
""",
    "Kim.md": "---\ntitle: Kim\naliases: Kimberly O'Neill\n---\nKim knows birds. She can be reached at the office on Mondays.\n",
    "boxes.md": """# Nest boxes

| box | place | year | young |
|---|---|---|---|
| 1 | old barn | 2022 | 5 |
| 2 | church tower | 2023 | 3 |
| 3 | mill | 2024 | 0 |

```sh
tar -xzf boxes.tar.gz   # not a #tag
```

1. How large is a nest box?
   **Answer:** 60 cm by 40 cm by 45 cm, with a hole of 15 by 15 cm.
2. How high should it hang?
   **Answer:** Four metres or higher, and out of the wind.
""",
    "plan.txt": "Plan for the year\n\nMarch: clean the boxes.\nMay: count the young.\nOctober: mend the roofs.\n",
    "python/memory.md": """---
tags: [python, work/plans]
date: 2023-11-02
---
# Memory in Python

CPython counts references. A cycle is found by the collector, which looks at containers only.

## Copy on write

After a fork both processes share pages until one writes. Counting references writes, so pages are copied: `gc.freeze()` helps.

## NumPy

`np.array` makes a copy, `np.asarray` doesn't if it needn't. A `DataFrame` of pandas holds blocks of them. C++ code may hold views.
""",
    "python/threads.rst": """=======
Threads
=======
:Author: Kim
:Date: 2023-12-24

The global interpreter lock lets one thread run bytecode at a time. Threads that wait for input release it.
""",
    "plans.org": """#+title: Plans for work
#+date: [2024-06-03 Mon]

* TODO Move the database connection to a pool :work:urgent:
  SCHEDULED: <2024-06-10 Mon>
  Each worker opens its own connection; a pooler would share them.
* DONE Write down what the schema promises :work:
  :PROPERTIES:
  :ID: 12345-67890-secretdrawer
  :END:
  A row of a table belongs to one root.
""",
    "de/Häuser.md": """---
Titel: Häuser am Fluss
Schlagwörter: [bauen, Holz]
Datum: 1. Mai 2024
Zustand: fertig
---
# Häuser am Fluss

Die alten Häuser am Fluss haben Dächer aus Schiefer. Im Frühling steht das Wasser bis an die Kellerfenster.

## Dämmung

Frage: Womit werden die Wände gedämmt?
Antwort: Mit Hanf und Lehm, weil beides Feuchtigkeit aufnimmt und wieder abgibt.

Die Datenbankverbindung des Messgeräts reißt ab, wenn der Strom ausfällt. Siehe [[Heizung]].
""",
    "de/Heizung.md": """---
tags: [bauen, energie/wärme]
datum: 2024-02-11
---
# Heizung

Die Wärmepumpe braucht im Januar 900 kWh. Der Vorlauf hat 35 Grad, die Straße draußen minus zehn.
Gegenüber dem Gaskessel wird ein Drittel gespart. [Häuser](Häuser.md)
""",
    "de/Rezept für Brötchen.md": """# Brötchen

- 500 g Mehl, 10 g Salz, 320 ml Wasser, 5 g Hefe
- Über Nacht im Kühlschrank gehen lassen, morgens bei 230 Grad backen.

**Wie werden sie knusprig?**
    Eine Schale Wasser in den Ofen stellen und die letzten fünf Minuten die Tür einen Spalt öffnen.
""",
    "ru/книги.md": "# Книги\n\nЯ читал эту книгу в марте. С книгами на полке лежат старые карты. #чтение\n",
    "zh/猫头鹰.md": "# 猫头鹰\n\n问：猫头鹰吃什么？\n答：它们吃老鼠和田鼠。\n\n谷仓猫头鹰在夜间捕猎。\n",
    "empty/invoice-template.md": "",
    "twice/one.md": "# The same\n\nThis paragraph stands in two notes, word for word, and is found once: the heron waits in the shallow water.\n",
    "twice/two.md": "# The same\n\nThis paragraph stands in two notes, word for word, and is found once: the heron waits in the shallow water.\n",
    "no title": "A file without an extension says that the kingfisher dives from a branch.\n",
    'odd/it\'s 100% "odd" \\ name; drop table.md': "# Odd name\n\nThis file's name has quotes, a backslash, and a semicolon. Robert');--\n",
    "odd/line\nbreak.md": "# Broken name\n\nThe name of this note has a line break: a grebe builds a floating nest.\n",
    "odd/é-nfd.md": "# Café\n\nThe café at the lake opens at nine; e\u0301clairs are sold there. 😀 👩‍🌾 \u200b zero width\n",
    "odd/symbols.md": "# Symbols\n\n$1 $2 :name ?x @y %s {} \\x00 '' \"\" E'\\n' are only text; ␀ too. max\\_size, M&uuml;ller, E.U., 10 kg.\n"
    "\U0010ffff \U0010fffd\U0001f9a4dodo\U0001f9a4 \uffff\n",
    "latin.txt": "Der Bär läuft über die Brücke. Das ist Windows-1252: “Anführung” – Strich.\n".encode("cp1252"),
    "nul.md": b"# Zero\n\nA zero byte\x00 stands in this note about the bittern, which booms.\n",
    "wide.txt": "A note in UTF-16 about the avocet, whose bill bends upward.\n".encode("utf-16"),
    ".ignore": "ignored/\n",
    "ignored/secret.md": "This must not be found: the password of the vault.\n",
}

ASKED = [
    "how does a barn owl hunt?",
    "what do owls eat",
    "how many young does a vole have?",
    "do voles sleep in winter",
    "how large is a nest box",
    "how high should it hang",
    "what is the GIL",
    "why are pages copied after a fork?",
    "what did we see at the river in March 2024",
    "last Friday",
    "what does Kim know",
    "plans for October",
    "Womit werden die Wände gedämmt?",
    "Wie werden Brötchen knusprig?",
    "wie viel Strom braucht die Wärmepumpe",
    "Haus am Fluss",
    "Haeuser",
    "Verbindung zur Datenbank",
    "database connection",
    "книга",
    "что я читал в марте",
    "猫头鹰吃什么",
    "how long do you boil an egg",
    "how do I profile a Fortran program",
    "brn owl hutns",
    "pythn memry",
    "kestrl",
    "Straße",
    "strasse",
    '"copy on write"',
    'what is "copy on write" about',
    "memory -pandas",
    'owl -"barn owl"',
    "-owl bird",
    "joi*",
    "kest*",
    "wärm*",
    "title:owls",
    'title:"barn owls" food',
    "tag:nature",
    "tag:birds",
    "tag:birds/* owl",
    "tag:work OR tag:python",
    "-tag:birds walk",
    "tag:bauen Haus",
    "tag:energie/wärme",
    "status:done",
    "status:done owl",
    "-status:done vole",
    'author:"Le Guin"',
    "Zustand:fertig",
    "nokey:value owl",
    "path:python/** memory",
    "file:*.org pool",
    "path:de/** -path:de/Heizung.md Wasser",
    "since:2024-05",
    "before:2024-01 memory",
    "since:2024-03 before:2024-04 owl",
    "since:2024-06 tag:work",
    "heron in the water",
    "np.array",
    "DataFrame",
    "C++ views",
    "f-string",
    "10kg",
    "EU",
    "Müller",
    "max_size",
    "CO2",
    "tar -xzf",
    "invoice template",
    "Robert'); drop table",
    "café éclairs",
    "grebe",
    "bittern",
    "avocet",
    "Bär Brücke",
    "secretdrawer",
    "password of the vault",
    "Kimberly O'Neill",
    "Tyto alba",
    "the",
    "the of and",
    "?",
    "*",
    '""',
    "a" * 300,
    "😀",
    "dodo",
    "zero width",
    "$1 $2",
    "kingfisher dives",
    "word for word",
    "decorators",
    "generator expression",
    "memory of a dataframe",
    "asyncio",
    "Why does the memory of forked workers grow although they only read?",
    "what leaks memory in training",
    "difference between list and tuple",
]
FILTERED = [
    ("owl", "--tag", "birds"),
    ("owl", "--path", "field/**"),
    ("owl", "--since", "2024-04"),
    ("owl", "--before", "2024-04"),
    ("memory", "--path", "python/**", "--tag", "work"),
    ("Wasser", "--path", "de/**"),
    ("walk", "--since", "2024-03", "--before", "2024-05"),
    ("owl", "--min-score", "0.5"),
    ("owl", "--min-score", "0"),
    ("owl", "--tag", "nosuch"),
    ("owl", "--path", "nosuch/**"),
    ("owl", "--since", "3000"),
    ("GIL", "--path", "*.rst"),
    ("owl", "--tag", "birds", "--tag", "nature"),
]
LISTS = [
    ("notes", "--json"),
    ("notes", "tag:birds", "--json"),
    ("notes", "path:de/**", "--json"),
    ("notes", "since:2024-03", "--json"),
    ("notes", "status:done OR tag:work", "--json"),
    ("notes", "tag:nosuch", "--json"),
    ("tags", "--json"),
    ("tags", "path:field/**", "--json"),
    ("tags", "-tag:birds", "--json"),
    ("notes",),
    ("tags",),
]
GOTTEN = [
    "owls.md",
    "Voles.md",
    "Voles.md:9",
    "Voles.md:1-12",
    "field/2024-03-07 walk.md",
    "field/2024-03-07 walk.md:4",
    "boxes.md",
    "plan.txt",
    "plans.org:4",
    "de/Häuser.md",
    "de/Rezept für Brötchen.md:5",
    "ru/книги.md",
    "zh/猫头鹰.md:3",
    "empty/invoice-template.md",
    "no title",
    "odd/line\nbreak.md",
    'odd/it\'s 100% "odd" \\ name; drop table.md',
    "odd/symbols.md",
    "latin.txt",
    "nul.md",
    "wide.txt",
    "nosuch.md",
    "owls.md:9999",
    "#00000000",
    "#k",
    "#",
    "#%",
    "twice/one.md",
    "01-python-core.md:203",
]


def make(folder):
    """Writes the notes, and some with much text made of words that are the same each time."""
    for name, text in NOTES.items():
        write(folder / name, text)
    made = random.Random(7)
    words = (
        "reed heron marsh otter sedge willow gravel dyke sluice barge lock weir eel pike perch tern gull plover".split()
    )
    for number in range(24):
        lines = [
            f"---\ntags: [made/{number % 5}, water]\ndate: 2022-{1 + number % 12:02}-{1 + number:02}\nnumber: {number}\n---\n# Log {number}\n"
        ]
        for part in range(made.randrange(1, 9)):
            lines.append(
                f"\n## Day {part} of {made.choice(words)}\n\n"
                + " ".join(made.choice(words) for _ in range(made.randrange(10, 160)))
                + f". See [[log {made.randrange(24)}]].\n"
            )
        write(folder / f"made/log {number}.md", "".join(lines))


def commands():
    """Everything that is asked of an index of these notes and of the corpus."""
    all_commands = []
    for text in ASKED:
        all_commands += [("ask", "--json", "--", text), ("search", "--json", "--explain", "-n", "25", "--", text)]
    for text, *filters in FILTERED:
        all_commands += [("ask", "--json", *filters, "--", text), ("search", "--json", *filters, "--", text)]
    for wanted in GOTTEN:
        all_commands += [("get", "--json", wanted), ("get", "--links", "--json", wanted)]
    all_commands += [
        ("search", "--", "owl"),
        ("ask", "--explain", "--", "what do owls eat"),
        ("ask", "--full", "--", "what do owls eat"),
        ("search", "--vimgrep", "owl"),
        ("search", "-l", "owl"),
        ("search", "--json", "-n", "500", "--", "the water"),
        ("search", "--json", "-n", "1", "owl"),
        ("ask", "--json", "-n", "40", "--", "water"),
        ("ask", "--strict", "--json", "--", "how do I profile a Fortran program"),
        ("search", "--json", "tag:water"),
        ("search", "--json", "tag:water since:2022-06"),
    ]
    return all_commands + LISTS


assert CORPUS.name == "corpus"
