"""Tables that somebody else has changed: `check` says so, and no command falls over it."""

from driving import KEPT, check, schema_url, write
from servers import Server, wheel

DAMAGE = {
    "a passage is gone": "delete from passages where passage = (select min(passage) from passages)",
    "a file is gone": "delete from files where path = 'b.md'",
    "a vector is gone": "delete from vectors where embedded = (select min(embedded) from vectors)",
    "a vector too many": "insert into vectors select root, '\\x00', scale, parts, v from vectors limit 1",
    "a vector is another": "update vectors set v = (select v from vectors order by embedded desc limit 1) where embedded = (select min(embedded) from vectors)",
    "a scale is another": "update vectors set scale = scale * 2",
    "sentences are cut": "update vectors set parts = substr(parts, 1, length(parts) - 1)",
    "sentences are noise": "update vectors set parts = '\\xffffffffffffffffff'",
    "a batch is gone": "delete from batches where batch = (select min(batch) from batches)",
    "postings are gone": "delete from postings where term = (select max(term) from postings)",
    "postings are cut": "update postings set docs = substr(docs, 1, 3)",
    "postings are noise": "update postings set docs = '\\xffffffffffffffffffffffffffffffffffffffffff'",
    "postings are empty": "update postings set docs = ''",
    "postings are another's": "update postings set docs = (select docs from postings where term > 'm' order by term limit 1)",
    "words are cut": "update passages set words = substr(words, 1, 5)",
    "words are noise": "update passages set words = '\\xffffffffffffffffffffffffffff'",
    "what is shown is cut": "update passages set stored = substr(stored, 1, 10)",
    "what is shown is noise": "update passages set stored = '\\xfffefdfcfbfaf9f8f7'",
    "an id is another": "update passages set id = reverse(id)",
    "an id is none": "update passages set id = 'zz'",
    "a language is none": "update passages set language = 'xx'",
    "links are gone": "update passages set links = '{}'",
    "a mark is turned": "update passages set labelled = not labelled",
    "a record is cut": "update files set record = substr(record, 1, 4)",
    "a record is noise": "update files set record = '\\xffffffffffff'",
    "tags are gone": "update files set tags = '{}'",
    "a date is none": "update files set date = 'tomorrow'",
    "names are gone": "update files set called = '{}'",
    "numbers are noise": "update files set passages = '\\xffffffffffff'",
    "numbers are gone": "update files set passages = ''",
    "counts are another": "update roots set passages = passages + 1000000",
    "counts are below zero": "update roots set passages = -5, files = -1",
    "lengths are gone": "update roots set lengths = '{}'",
    "lengths are below zero": "update roots set lengths = (select array_agg(-x) from unnest(lengths) x)",
    "a root's description is none": "update roots set description = '{'",
    "a root is gone": "delete from roots",
    "meta is empty": "delete from meta",
    "meta is twofold": "insert into meta select * from meta",
    "another format": "update meta set format = 99",
    "another number of dimensions": "update meta set dim = 7",
    "a table is gone": "drop table postings",
    "a column is gone": "alter table passages drop column words",
}
COMMANDS = [
    ("ask", "what does a heron eat"),
    ("search", "--json", "--explain", "tag:birds heron"),
    ("get", "a.md"),
    ("get", "--links", "a.md"),
    ("notes",),
    ("tags",),
    ("status",),
    ("index",),
]


def damaged(program):
    notes = program.folder / "notes"
    write(
        notes / "a.md",
        "---\ntags: birds\ndate: 2024-03-01\nstatus: done\n---\n# Heron\n\nA heron eats frogs. See [[b]].\n\n## Nest\n\nIt nests in trees.\n",
    )
    write(notes / "b.md", "# Frog\n\nA frog eats flies. Der Frosch frisst Fliegen und die Häuser sind grün.\n")
    unseen, fallen, unhelped = [], [], []
    with Server(18, wheel(KEPT)[18]) as server:
        for number, (what, sql) in enumerate(DAMAGE.items()):
            url = schema_url(server.url(), f"d{number}", statement_timeout=5)
            program.index(url, notes)
            server.sql(f"set search_path = d{number}, public; {sql}")
            done = program(url, "check", seconds=30)
            if done.status != 2:
                unseen.append(f"{what}: {done.out.strip()}")
            for command in (("check",), *COMMANDS):
                done = program(url, *command, seconds=30)
                if done.status not in (0, 1, 2) or "panicked" in done.err or "defect" in done.err:
                    fallen.append(f"{what}: {done}")
            done = program(url, "index", "--rebuild", notes, seconds=30)
            sound = program(url, "check", seconds=30)
            if done.status != 0 or sound.status != 0:
                unhelped.append(f"{what}: {done}\n{sound}")
    check(f"{len(DAMAGE)} kinds of damage: check finds each", not unseen, "\n".join(unseen))
    check(
        f"{len(DAMAGE)} kinds of damage: {len(COMMANDS)} commands end with an answer or a sentence",
        not fallen,
        "\n".join(fallen),
    )
    check(f"{len(DAMAGE)} kinds of damage: --rebuild helps", not unhelped, "\n".join(unhelped))
