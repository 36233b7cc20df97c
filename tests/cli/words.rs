//! Words as people write and type them: markup inside them, normal forms, numbers, scripts, symbols, exact words.

use serde_json::Value;

use crate::support::{Run, Vault};

/// The paths of what a question finds.
#[track_caller]
fn found(vault: &Vault, question: &str) -> Vec<String> {
    let run = vault.run(&["search", "--json", "-n", "50", "--", question]);
    assert!(run.status <= 1, "{run:?}");
    let results: Value = serde_json::from_str(&run.stdout).unwrap();
    let mut paths: Vec<String> =
        results.as_array().unwrap().iter().map(|hit| hit["path"].as_str().unwrap().to_owned()).collect();
    paths.sort();
    paths.dedup();
    paths
}

/// Checks which note alone has each phrase.
#[track_caller]
fn check(notes: &[(&str, &str)], phrases: &[(&str, &str)]) {
    let vault = Vault::indexed(notes);
    for (phrase, path) in phrases {
        assert_eq!(found(&vault, &format!("\"{phrase}\"")), [*path], "{phrase}");
    }
    vault.run(&["check"]).expect(0);
}

#[test]
fn words_are_found_as_a_reader_sees_them() {
    check(
        &[
            ("doc.md", "# Tuning\n\nSet max\\_connections to 200. We use C\\# 12.\n"),
            (
                "html.md",
                "# Climate\n\nCO<sub>2</sub> and CH~4~ for M&uuml;ller at AT&amp;T: 10&nbsp;dollars.\n",
            ),
            (
                "bold.md",
                "# Letters\n\nAn un**believ**able claim of a <b>mid</b>night snack, see [the shop](http://x.org/y) for more.\n",
            ),
            (
                "scan.txt",
                "Minutes\n\nThe commit-\ntee met about the infra-\nstructure and a long-\nterm plan.\n",
            ),
            ("soft.md", "# Soft\n\nThe in\u{ad}de\u{ad}pen\u{ad}dent zero\u{200b}width ﬁle of ＡＢＣ.\n"),
            ("code.md", "# Code\n\n```\na\\_literal &amp; b\n```\n"),
        ],
        &[
            ("max_connections to 200", "doc.md"),
            ("C# 12", "doc.md"),
            ("CO2 and CH4", "html.md"),
            ("Müller at AT&T", "html.md"),
            ("10 dollars", "html.md"),
            ("unbelievable claim", "bold.md"),
            ("midnight snack", "bold.md"),
            ("see the shop for more", "bold.md"),
            ("x.org", "bold.md"),
            ("the committee met about the infrastructure", "scan.txt"),
            ("a long-term plan", "scan.txt"),
            ("tee", "scan.txt"),
            ("independent zerowidth file of abc", "soft.md"),
            ("literal amp b", "code.md"),
        ],
    );
}

#[test]
fn numbers_units_and_initials_are_found_however_they_are_written() {
    check(
        &[
            (
                "n.md",
                "# Units\n\nThe sack weighs 10 kg, the disk holds 5GB, the fee is 1,200 euros at 3 pm.\n",
            ),
            ("i.md", "# Visa\n\nThe E.U. visa and the USA trip of J. K. Rowling; her Ph.D. is done.\n"),
            (
                "m.md",
                "# Bottle\n\nThe bottle holds 1.5l and costs 12'500 francs, or 7\u{202f}000 yen, 20°C, 16GB.\n",
            ),
        ],
        &[
            ("10kg", "n.md"),
            ("5 GB", "n.md"),
            ("1200 euros", "n.md"),
            ("3pm", "n.md"),
            ("the EU visa", "i.md"),
            ("U.S.A. trip", "i.md"),
            ("PhD is", "i.md"),
            ("JK Rowling", "i.md"),
            ("1.5 l", "m.md"),
            ("12,500 francs", "m.md"),
            ("7,000 yen", "m.md"),
            ("16 GB", "m.md"),
        ],
    );
}

#[test]
fn scripts_without_blanks_and_symbols_are_found() {
    check(
        &[
            ("zh.md", "# 笔记\n\n这里利用的是百科的结构化知识，尝试用番茄\n钟输出精确的文档。\n"),
            ("ja.md", "# 日記\n\n昨日は友達と東京タワーに登りました。\n"),
            ("ko.md", "# 요리\n\n김치찌개에는 돼지고기를 넣는다.\n"),
            ("th.md", "# บันทึก\n\nวันนี้ฉันไปตลาดซื้อมะม่วง\n"),
            ("hi.md", "# हिन्दी\n\nमुझे किताबें पसन्द हैं।\n"),
        ],
        &[
            ("番茄钟", "zh.md"),
            ("精", "zh.md"),
            ("東京タワー", "ja.md"),
            ("김치", "ko.md"),
            ("มะม่วง", "th.md"),
            ("किताबें", "hi.md"),
        ],
    );
    let vault = Vault::indexed(&[
        ("sh.md", "# Shell\n\nThe variable `$?` holds the status of the last command.\n"),
        ("js.md", "# Functions\n\nAn arrow function is written x => x + 1 in this language.\n"),
        ("party.md", "# Party\n\nThe playlist was great 🔥 and the cake too.\n"),
        ("bread.md", "# Bread\n\nBake at 230 degrees, for forty minutes - or more.\n"),
    ]);
    for (symbol, path) in [("$?", "sh.md"), ("=>", "js.md"), ("🔥", "party.md"), ("what is =>?", "js.md")] {
        assert_eq!(vault.first_path(symbol), path, "{symbol}");
        vault.run(&["search", symbol]).expect(0);
    }
    for unknown in ["猫", "คอมพิวเตอร์", "!=", "🎈"] {
        vault.run(&["ask", unknown]).expect(1);
    }
}

#[test]
fn what_is_quoted_or_excluded_is_that_word() {
    let vault = Vault::indexed(&[
        ("imp.md", "# Notes on tests\n\nIt is important to run the python tests every night.\n"),
        ("mod.md", "# Modules\n\nWrite the import at the top of the python file.\n"),
        ("uni.md", "# Campus\n\nThe universities of the north teach python.\n"),
        ("who.md", "# Concerts\n\nSaw The Who in Leeds; the set ran two hours.\n"),
        ("tobe.md", "# Soliloquy\n\nTo be, or not to be, that is the question.\n"),
    ]);
    let finds = |question: &str, path: &str| found(&vault, question).iter().any(|found| found == path);
    assert!(finds("python -import", "imp.md") && !finds("python -import", "mod.md"));
    assert!(finds("python -universe", "uni.md") && !finds("python -UNIVERSITIES", "uni.md"));
    assert_eq!(found(&vault, "\"Import\""), ["mod.md"]);
    assert!(found(&vault, "\"university\"").is_empty());
    assert_eq!(found(&vault, "\"the who\""), ["who.md"]);
    for question in ["\"The Who\"", "to be or not to be", "\"to be or not to be\""] {
        vault.run(&["search", question]).expect(0);
        assert_eq!(vault.ask(question)["answered"], true, "{question}");
    }
    assert_eq!(vault.first_path("to be or not to be"), "tobe.md");
}

#[test]
fn names_are_the_same_in_either_normal_form() {
    let vault = Vault::new();
    vault.write("notes/U\u{308}bersicht.md", "Die Tabelle ist fertig.\n");
    vault.write("notes/\u{427}\u{430}\u{438}\u{306}.md", "Leaves in hot water.\n");
    vault.write("notes/Caf\u{e9}.md", "The menu of the week.\n");
    vault.run(&["index", "notes"]).expect(0);
    let get = |name: &str| -> Run { vault.run(&["get", name]) };
    get("notes/\u{dc}bersicht.md").expect(0);
    get("\u{427}\u{430}\u{439}.md").expect(0);
    get("Cafe\u{301}.md").expect(0);
    get("\u{dc}bersicht.md:1").expect(0);
    assert_eq!(found(&vault, "path:\u{dc}bersicht.md fertig").len(), 1);
    assert_eq!(found(&vault, "path:notes/Cafe\u{301}* menu").len(), 1);
    assert_eq!(found(&vault, "title:\u{fc}bersicht fertig").len(), 1);
    assert_eq!(found(&vault, "title:\u{447}\u{430}\u{439} leaves").len(), 1);
}
