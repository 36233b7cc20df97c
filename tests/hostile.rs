//! The fuzz targets on damaged inputs: the same ones each time, so that a failure stays one.
//!
//! `QSEARCH_HOSTILE_ROUNDS` says how many indexes with hostile files are tried, 100 of each kind by default.

#![expect(clippy::unwrap_used, reason = "what a test can't do fails it")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use qsearch::embed::convert;
use qsearch::random::SplitMix64;

#[path = "fuzz/formats.rs"]
mod formats;
#[path = "made/mod.rs"]
mod made;
#[path = "fuzz/models.rs"]
mod models;
#[path = "fuzz/targets.rs"]
mod targets;
#[path = "fuzz/written.rs"]
mod written;

/// Random damage.
struct Dice(SplitMix64);

impl Dice {
    /// The sequence of a seed.
    fn new(seed: u64) -> Self {
        Self(SplitMix64::new(seed))
    }

    /// A number below `end`, or 0 if that is 0.
    fn below(&mut self, end: usize) -> usize {
        self.0.below(end)
    }

    /// A few edits: bytes flipped, cut out, repeated, or replaced by what parsers look for.
    fn damage(&mut self, bytes: &mut Vec<u8>) {
        const PIECES: [&[u8]; 44] = [
            b"\n",
            b"\r",
            b"\r\n",
            b"\0",
            b"---\n",
            b"+++\n",
            b"```\n",
            b"# ",
            b"> > > ",
            b"- * 1. ",
            b"**Q: ",
            b"*A:* ",
            b"Q7\t",
            b"ANS\t",
            b" \xe2\x86\x92 ",
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b"\xf0\x9f",
            b"\xc3\xa2\xe2\x82\xac\xe2\x80\x9c",
            b"| a | b |\n|---|---|\n",
            b"[^1]: ",
            b"<div>",
            b"\x0c",
            b": &a [*a]",
            b" \"",
            b" -",
            b" path:",
            b" tag:py",
            b" title:\"",
            b" `",
            b"? {*a : 1}",
            b": |\n  ",
            b"!!str ",
            b"a.b = {c.d = [",
            b"'''",
            b"'",
            b"%%",
            b"<!-- ",
            b" ^a1b2\n",
            b"\n:PROPERTIES:\n",
            b"\n:END:\n",
            b"\n#+begin_src\n",
            b"\n.. a::\n",
            b" #[[",
        ];
        for _ in 0..=self.below(8) {
            let at = self.below(bytes.len() + 1);
            let end = (at + self.below(40)).min(bytes.len());
            match self.below(4) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                1 => drop(bytes.drain(at..end)),
                2 => {
                    let again = bytes[at..end].to_vec();
                    bytes.splice(at..at, again);
                }
                _ => drop(bytes.splice(at..at, PIECES[self.below(PIECES.len())].iter().copied())),
            }
        }
    }
}

fn notes() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

#[test]
fn damaged_notebooks_are_read_or_refused() {
    const NOTEBOOK: &str = r##"{"cells": [{"cell_type": "markdown", "source": ["# Owls\n", "~~~\n", "a"]},
        {"cell_type": "code", "source": "print('```')", "outputs": [{"output_type": "stream", "text": ["1\n"]},
        {"data": {"text/plain": "2", "image/png": "AA=="}}, {"ename": "E", "evalue": "\u00e9"}]},
        {"cell_type": "raw", "source": []}], "metadata": {"kernelspec": {"language": "R"}}, "nbformat": 4}"##;
    let mut dice = Dice(SplitMix64::new(6));
    for _ in 0..1500 {
        let mut data = NOTEBOOK.as_bytes().to_vec();
        dice.damage(&mut data);
        targets::notebook(&data);
    }
    targets::notebook(NOTEBOOK.as_bytes());
    for nested in ["[", "{\"a\":", "{\"cells\":[{\"source\":["] {
        targets::notebook(format!("{{\"nbformat\":4,\"cells\":{}", nested.repeat(300_000)).as_bytes());
    }
}

#[test]
fn damaged_notes_are_parsed_and_cited_exactly() {
    let (notes, mut dice) = (notes(), Dice::new(1));
    for round in 0..1500 {
        let note = &notes[dice.below(notes.len())];
        let start = dice.below(note.len());
        let end = (start + dice.below(3000)).min(note.len());
        let mut data = vec![round as u8];
        data.extend_from_slice(&note[start..end]);
        dice.damage(&mut data);
        targets::note(&data);
    }
}

#[test]
fn damaged_notes_of_other_syntaxes_are_parsed_and_cited_exactly() {
    const ORG: &str = ":PROPERTIES:\n:ROAM_ALIASES: \"a b\" c\n:END:\n#+title: Tap\n#+filetags: :a:b:\n\n\
        * TODO [#A] Order [1/3] <2024-05-01 Wed> :x:y:\n:LOGBOOK:\nCLOCK: [2024-05-01 Wed]\n:END:\nIt drips.\n\
        #+begin_src sh\n* ls\n#+end_src\n# a comment\n#+begin_quote\nq\n#+end_quote\n** [[id:1][Kim]]\n- a :: b\n";
    const RST: &str = "=====\nTitle\n=====\n\n:Author: Kim\n:tags:\n  - a\n  - b\n\n.. image:: a.png\n   :width: 2\n\n\
        .. a comment\n   goes on\n\nSub\n---\n\ncode::\n\n  x\n\n.. code-block:: py\n\n   y\n\n.. _target:\n\n..\n\nEnd.\n";
    const TAGS: &str = "title:: A\ntags:: a, [[b c]]\n\n# Plan #planning\n| #a | #[[b c]] |\n> [!note] T #c %% #d %% ^a1b2\n\
        - [x:: y] #reading list# `#code` [[n|#e]] <a href=\"#f\"> #fff #b2b\n  id:: 1\n<!-- #g -->\n%%\n```\n%%\n";
    const WRITTEN: &str = "# Owls\n\nMost owls hunt at night. They hear 2 mice, e.g. in `a.b`.\n\n| Owl | kg |\n|---|---|\n| Bubo | 2.5 |\n\
        \n# Answer [1]\n\nMost owls hunt at night.[1] They don't hear 3 mice (Source 2). \u{3010}1\u{3011}\n\n- an item\n```\na[1]\n```\nOwl hunts";
    const CANVAS: &str = r##"{"nodes":[{"id":"a","type":"text","text":"# Tap\n~~~"},{"id":"b","type":"file","file":"a.md",
        "subpath":"#x"},{"type":"link","url":"https://a.b"},{"type":"group","label":"\u00e9"}],"edges":[{"fromNode":"a","label":"c"}]}"##;
    let mut dice = Dice::new(11);
    let targets: [(&str, Target); 5] = [
        (ORG, targets::org),
        (RST, targets::rst),
        (TAGS, targets::tags),
        (CANVAS, targets::canvas),
        (WRITTEN, written::written_text),
    ];
    for (sound, target) in targets {
        target(sound.as_bytes());
        for _ in 0..600 {
            let mut data = sound.as_bytes().to_vec();
            dice.damage(&mut data);
            target(&data);
        }
    }
}

#[test]
fn damaged_documents_are_read_or_refused() {
    let rtf =
        r"{\rtf1\ansi{\info{\title T}}\pard\b Owls\par{\footnote n}\trowd a\cell b\cell\row \u8364? \'e9}";
    let enex = "<en-export><note><title>T</title><content><![CDATA[<en-note><div>Owls</div></en-note>]]></content>\
        <created>20240501T143000Z</created><tag>a</tag></note></en-export>";
    let html = "<title>T</title><nav><a href=x>y</a></nav><h1 id=a>A</h1><p>b<ul><li>c<table><tr><td>d</table><pre>e";
    let mail = made::eml("Owls", "> quoted\n\nText");
    let mbox =
        [b"From a Wed May  1 14:30:00 2024\n".to_vec(), mail.clone(), b"\n>From b\n".to_vec()].concat();
    let export = made::zip(&[("a/b.md", b"# B\n"), ("c.html", html.as_bytes())]);
    let seeds: [(Vec<u8>, Target); 14] = [
        (made::pdf(&[&["Owls hunt", "at night."], &["Two"]]), targets::pdf),
        (made::docx(&["# Owls", "They hunt."]), targets::docx),
        (made::pptx(&[("Owls", "hunt")]), targets::pptx),
        (made::odt(&["# Owls", "hunt"]), targets::odt),
        (made::xlsx("S", &[&["a", "b"], &["1", "2"]]), targets::sheets),
        (b"a;b\n1;\"2\n3\"\n".to_vec(), targets::csv),
        (rtf.into(), targets::rtf),
        (made::epub(&[("One", "text"), ("Two", "more")]), targets::epub),
        (html.into(), targets::html),
        (mail.clone(), targets::mhtml),
        (mail, targets::mail),
        (mbox, targets::mbox),
        (export, targets::archive),
        (enex.into(), targets::evernote),
    ];
    let mut dice = Dice::new(12);
    for (sound, target) in seeds {
        target(&sound);
        for _ in 0..200 {
            let mut data = sound.clone();
            dice.damage(&mut data);
            target(&data);
        }
    }
}

#[test]
fn damaged_front_matter_is_read_or_skipped() {
    const YAML: &str = "title: \"A **note**\"\ntags: &t [Rust, '#ml/ops', !x y]\ncategories:\n  - how to\n  - *t\n\
        meta: {a: {b: [c]}}\n? k\n: >-\n  text\ncreated: 2024-05-01T10:00\n";
    const TOML: &str = "title = 'T'\ndate = 2024-05-01T10:00:00Z\na.b.\"c\" = {d = [1, 2.5], e = true}\n\
        [taxonomies]\ntags = [\"a\", '''b''']\n[[x.y]]\nz = 0xFF\n";
    let mut dice = Dice::new(10);
    for round in 0..3000 {
        let mut block = if round % 2 == 0 { YAML } else { TOML }.as_bytes().to_vec();
        dice.damage(&mut block);
        block.insert(0, round as u8);
        targets::front_matter(&block);
    }
}

#[test]
fn any_text_can_be_asked() {
    let (notes, mut dice) = (notes(), Dice::new(2));
    for _ in 0..200 {
        let note = &notes[dice.below(notes.len())];
        let start = dice.below(note.len());
        let mut data = note[start..(start + dice.below(200)).min(note.len())].to_vec();
        dice.damage(&mut data);
        targets::question(&data);
    }
}

#[test]
fn damaged_links_stand_where_they_are_found() {
    const LINKS: &str =
        "[a](b.md) [[c|d]] ![[e#f]] [g][1] `[[h]]`\n\n[1]: <i j.md> \"k\"\n[[file:l::*m][n]] [o](../p%20q#r)";
    let mut dice = Dice::new(12);
    for round in 0..3000 {
        let mut data = LINKS.repeat(1 + round % 3).into_bytes();
        dice.damage(&mut data);
        targets::links(&data);
    }
    for nested in ["[", "[[", "[a](", "`", "![[", "[a][b]\n"] {
        targets::links(nested.repeat(100_000).as_bytes());
    }
}

#[test]
fn any_text_becomes_tokens() {
    let (notes, mut dice) = (notes(), Dice::new(5));
    for round in 0..1500 {
        let mut data: Vec<u8> = if round % 3 == 0 {
            // Characters of all planes, most of which no note has.
            let mut any = || char::from_u32(dice.below(0x11_0000) as u32).unwrap_or(' ');
            std::iter::repeat_with(&mut any).take(200).collect::<String>().into()
        } else {
            let note = &notes[dice.below(notes.len())];
            let start = dice.below(note.len());
            note[start..(start + dice.below(500)).min(note.len())].to_vec()
        };
        dice.damage(&mut data);
        targets::tokenizer(&data);
    }
}

#[test]
fn a_damaged_model_file_is_refused_or_used() {
    const HEADER: usize = 128;
    let whole = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("models/all-MiniLM-L6-v2.qsm")).unwrap();
    let mut dice = Dice::new(3);
    for round in 0..60 {
        let mut file = whole.clone();
        match round % 3 {
            // The checksum is made right again, so these reach the reader.
            0 => file[dice.below(HEADER)] ^= 1 << dice.below(8),
            1 => {
                let at = HEADER + dice.below(whole.len() - HEADER);
                file[at] ^= 1 << dice.below(8);
            }
            _ => file.truncate(dice.below(if round % 2 == 0 { whole.len() } else { 2 * HEADER })),
        }
        models::model(&file);
    }
}

#[test]
fn a_damaged_vocabulary_is_refused_or_has_pieces() {
    let names = ["<s>", "<pad>", "</s>", "<unk>", "a", "▁b", "<mask>"];
    let added = [0, 1, 2, 3, 6].map(|id| format!(r#"{{"id": {id}, "content": "{}"}}"#, names[id])).join(",");
    let vocab = names.map(|name| format!(r#"["{name}", -1.5]"#)).join(",");
    let marks = r#"{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}"#;
    let model = format!(r#"{{"type": "Unigram", "unk_id": 3, "vocab": [{vocab}]}}"#);
    let whole = format!(r#"{{"added_tokens": [{added}], "pre_tokenizer": {marks}, "model": {model}}}"#);
    let pieces = convert::pieces_in("tokenizer.json", whole.as_bytes()).unwrap();
    assert_eq!(pieces, Some(names.len()));
    let mut dice = Dice::new(5);
    for _ in 0..2000 {
        let mut file = whole.clone().into_bytes();
        let at = dice.below(file.len());
        match dice.below(3) {
            0 => file[at] ^= 1 << dice.below(8),
            1 => file.truncate(at),
            _ => file[at] = b"0[{\"-e,"[dice.below(7)],
        }
        models::vocabulary(&file);
    }
}

#[test]
fn a_damaged_index_is_refused_or_read() {
    let mut dice = Dice::new(4);
    for _ in 0..400 {
        let data: Vec<u8> = (0..2 + dice.below(12)).map(|_| dice.below(256) as u8).collect();
        targets::index(&data);
    }
}

/// A target, as a fuzzer calls it.
type Target = fn(&[u8]);

/// Nothing hostile may take longer.
const MOST_TIME: Duration = Duration::from_secs(2);

/// Tries files with a few edits.
fn hostile(mut dice: Dice, target: fn(&[u8])) {
    let rounds = std::env::var("QSEARCH_HOSTILE_ROUNDS").map_or(100, |rounds| rounds.parse().unwrap());
    for round in 0..rounds {
        let length = 2 + 9 * (1 + dice.below(1 + round % 8));
        let mut data: Vec<u8> = (0..length).map(|_| dice.below(256) as u8).collect();
        data[0] = round as u8;
        let begun = Instant::now();
        target(&data);
        if begun.elapsed() > MOST_TIME {
            // The machine may have had something else to do.
            let again = Instant::now();
            target(&data);
            assert!(again.elapsed() < MOST_TIME, "round {round} takes {:?}", again.elapsed());
        }
    }
}

#[test]
fn hostile_files_behind_sound_checksums_are_refused_or_read() {
    hostile(Dice::new(8), formats::files);
}

#[test]
fn hostile_manifests_are_refused_or_read() {
    hostile(Dice::new(11), formats::manifest);
}

/// Set where the test below runs in a process of its own.
const CHILD: &str = "QSEARCH_HOSTILE_CHILD";

#[test]
fn hostile_files_of_tantivy_end_no_process() {
    // Asking for more memory than there is ends a process, so it is another one, which may have a gibibyte.
    if cfg!(not(target_os = "linux")) || std::env::var_os(CHILD).is_some() {
        return hostile(Dice::new(10), formats::segments);
    }
    let mut child = Command::new("sh");
    child.args(["-c", "ulimit -v 1048576 && exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
    child.args(["--exact", "hostile_files_of_tantivy_end_no_process", "--nocapture"]);
    let run =
        child.env(CHILD, "1").env("RAYON_NUM_THREADS", "2").env("MALLOC_ARENA_MAX", "2").output().unwrap();
    let said = String::from_utf8_lossy(&run.stderr[run.stderr.len().saturating_sub(4000)..]);
    let out = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && out.contains("1 passed"), "{}: {said}\n{out}", run.status);
}

#[test]
fn hostile_graphs_do_no_harm() {
    hostile(Dice::new(9), formats::graph);
}

#[test]
fn any_bytes_are_rules_or_close_their_folder() {
    const PIECES: [&[u8]; 24] = [
        b"\n",
        b"\r\n",
        b"*",
        b"**",
        b"**/",
        b"/",
        b"!",
        b"#",
        b"{",
        b",",
        b"}",
        b"{a,b}",
        b"[",
        b"]",
        b"[!a-",
        b"z-a",
        b"[[:alpha:]]",
        b"\\",
        b"\\ ",
        b" ",
        b"secret.md",
        b"private",
        b"\xef\xbb\xbf",
        b"\xff",
    ];
    let mut dice = Dice::new(10);
    for round in 0..1500 {
        let pieces: Vec<&[u8]> = (0..=dice.below(12)).map(|_| PIECES[dice.below(PIECES.len())]).collect();
        let mut data = vec![round as u8];
        data.extend(pieces.concat());
        if round % 4 == 0 {
            dice.damage(&mut data);
        }
        targets::ignore_rules(&data);
    }
}

#[test]
fn a_damaged_test_set_is_refused_or_read() {
    let mut dice = Dice::new(6);
    for round in 0..1500 {
        let (_, sound) = targets::EVALSET[round % targets::EVALSET.len()];
        let mut content = sound.as_bytes().to_vec();
        dice.damage(&mut content);
        let mut data = vec![(round % targets::EVALSET.len()) as u8];
        data.extend(content);
        targets::evalset(&data);
    }
}

#[test]
fn damaged_settings_are_refused_or_read() {
    const SOUND: &str = "index = \"index\" # here\ninclude = ['**/*.md']\nexclude = [\n  \"drafts/**\",\n]\n\
                         max-size = '64MiB'\nsources = 5\nmodel = '''\nmine'''\nrerank = \"\\u0041\"\n";
    targets::settings(SOUND.as_bytes());
    let mut dice = Dice::new(7);
    for _ in 0..10_000 {
        let mut data = SOUND.as_bytes().to_vec();
        dice.damage(&mut data);
        targets::settings(&data);
    }
    for deep in ["[", "{", "a.", "[a.", "a={", "a=["] {
        targets::settings(deep.repeat(100_000).as_bytes());
        targets::settings(format!("include = {}", deep.repeat(100_000)).as_bytes());
    }
}
