//! Notes in other languages than English: found by other forms of their words, by parts of words, and beside each other.

use serde_json::Value;

use crate::support::Vault;

/// The paths of the notes that a question finds by their words, best first; vectors find others besides.
fn by_words(vault: &Vault, question: &str) -> Vec<String> {
    let run = vault.run(&["search", "--json", "--explain", "-n", "50", "--", question]);
    assert!(run.status <= 1, "{run:?}");
    let results: Value = serde_json::from_str(&run.stdout).unwrap();
    let mut found: Vec<(u64, String)> = Vec::new();
    for hit in results.as_array().unwrap() {
        if let Some(rank) = hit["signals"]["lexical_rank"].as_u64() {
            found.push((rank, hit["path"].as_str().unwrap().to_owned()));
        }
    }
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

#[track_caller]
fn check(vault: &Vault, questions: &[(&str, &str)]) {
    for (question, path) in questions {
        assert_eq!(by_words(vault, question).first().map(String::as_str), Some(*path), "{question}");
    }
    vault.run(&["check"]).expect(0);
}

/// Notes in seven languages, two each, and in English.
const NOTES: [(&str, &str); 16] = [
    (
        "de-haus.md",
        "# Umbau\n\nDie alten Häuser am Fluss werden im Sommer gestrichen und bekommen neue Fenster.\n",
    ),
    (
        "de-katze.md",
        "# Tiere\n\nDer Kater schläft auf dem Sofa, und die Hunde sind mit den Kindern im Garten.\n",
    ),
    (
        "fr-cheval.md",
        "# Ferme\n\nLes chevaux mangent de l'herbe dans le pré, et les vaches sont dans leur étable.\n",
    ),
    (
        "fr-pain.md",
        "# Pain\n\nLa pâte repose pendant douze heures avant d'être cuite dans un four très chaud.\n",
    ),
    ("ru-book.md", "# Полка\n\nСтарые книги стоят на верхней полке, а журналы лежат в ящике под столом.\n"),
    ("ru-bread.md", "# Хлеб\n\nТесто стоит двенадцать часов, и только потом его ставят в горячую печь.\n"),
    (
        "tr-ev.md",
        "# Tadilat\n\nNehir kıyısındaki eski evler yazın boyanacak ve bütün pencereler de değişecek.\n",
    ),
    (
        "tr-kedi.md",
        "# Işıklar\n\nIŞIKLAR gece yanıyor, çünkü kediler karanlıktan korkuyor ama köpekler için bu önemli değil.\n",
    ),
    ("ar-book.md", "# الرف\n\nالكتب القديمة على الرف العلوي في المكتبة، وأما المجلات فهي في الدرج.\n"),
    ("ar-bread.md", "# الخبز\n\nيرتاح العجين مدة اثنتي عشرة ساعة قبل أن يوضع في الفرن الساخن.\n"),
    ("hi-book.md", "# अलमारी\n\nपुरानी किताबें ऊपर की अलमारी में हैं और हिन्दी की पत्रिकाएँ नीचे रखी हैं।\n"),
    ("hi-bread.md", "# रोटी\n\nआटा बारह घंटे तक रखा जाता है और फिर गरम तवे पर पकाया जाता है।\n"),
    ("zh-book.md", "# 书架\n\n旧书放在上层的书架上，杂志放在抽屉里。\n"),
    ("zh-bread.md", "# 面包\n\n面团要放十二个小时，然后放进热烤箱里烤。\n"),
    (
        "en-house.md",
        "# Works\n\nThe old barn by the river will be painted in the spring, and it gets a new roof.\n",
    ),
    (
        "en-die.md",
        "# Processes\n\nA worker may die while it holds the lock, and then the others wait for it.\n",
    ),
];

#[test]
fn notes_in_many_languages_are_found_by_other_forms_of_their_words() {
    let vault = Vault::indexed(&NOTES);
    check(
        &vault,
        &[
            ("Wann wird das Haus gestrichen?", "de-haus.md"),
            ("Haeuser", "de-haus.md"),
            ("Hund im Garten", "de-katze.md"),
            ("Que mange le cheval ?", "fr-cheval.md"),
            ("combien de temps reposent les pâtes", "fr-pain.md"),
            ("Где стоит старая книга?", "ru-book.md"),
            ("печи для теста", "ru-bread.md"),
            ("Eski ev ne zaman boyanıyor?", "tr-ev.md"),
            ("ışık", "tr-kedi.md"),
            ("أين الكتاب القديم؟", "ar-book.md"),
            ("مكتبه", "ar-book.md"),
            ("पुरानी किताब कहाँ है?", "hi-book.md"),
            ("हिंदी", "hi-book.md"),
            ("旧书在哪里？", "zh-book.md"),
            ("面团要放多久", "zh-bread.md"),
            ("when is the barn painted", "en-house.md"),
            // A stop word of German is none in English.
            ("why did the process die", "en-die.md"),
        ],
    );
}

#[test]
fn compounds_are_found_by_their_parts_and_parts_by_compounds() {
    let vault = Vault::indexed(&[
        (
            "whole.md",
            "# Fehler\n\nWenn die Datenbankverbindung abbricht, ist meist der Pool zu klein eingestellt.\n",
        ),
        (
            "apart.md",
            "# Einrichten\n\nFür eine Verbindung mit der Maschine braucht man ein Kabel und das Kennwort.\n",
        ),
        (
            "insurance.md",
            "# Papiere\n\nDie Krankenversicherung ist im Ordner, und der Vertrag mit dem Vermieter auch.\n",
        ),
        ("other.md", "# Garten\n\nDie Rosen werden im Herbst geschnitten und nicht mehr gegossen.\n"),
        (
            "database.md",
            "# Server\n\nDie Datenbank läuft auf dem alten Rechner im Keller und ist nicht gesichert.\n",
        ),
        (
            "policy.md",
            "# Versicherung\n\nEine Versicherung für den Hund gibt es noch nicht, aber sie wäre gut.\n",
        ),
        ("sick.md", "# Kranke\n\nDie Kranken liegen im ersten Stock, und man muss leise sein.\n"),
    ]);
    check(
        &vault,
        &[
            ("Wo ist die Verbindung zur Datenbank?", "whole.md"),
            ("Datenbankverbindungen", "whole.md"),
            ("Maschinenverbindung", "apart.md"),
        ],
    );
    assert!(by_words(&vault, "Versicherung").contains(&"insurance.md".to_owned()));
    assert!(by_words(&vault, "Hundeversicherung").contains(&"policy.md".to_owned()));
    assert!(!by_words(&vault, "Versicherung").contains(&"other.md".to_owned()));
}

#[test]
fn phrases_and_beginnings_are_found_in_every_language() {
    let vault = Vault::indexed(&NOTES);
    for (question, path) in [
        ("\"alten Häuser am Fluss\"", "de-haus.md"),
        ("\"старые книги\"", "ru-book.md"),
        ("\"chevaux mangent\"", "fr-cheval.md"),
        ("title:Tadilat evler", "tr-ev.md"),
        ("gestr*", "de-haus.md"),
        ("книг*", "ru-book.md"),
    ] {
        let run = vault.run(&["search", "--json", "-n", "50", "--", question]).expect(0);
        let results: Value = serde_json::from_str(&run.stdout).unwrap();
        let paths: Vec<&str> =
            results.as_array().unwrap().iter().map(|hit| hit["path"].as_str().unwrap()).collect();
        assert_eq!(paths, [path], "{question}");
    }
    // Words in a row are meant as they are typed.
    vault.run(&["search", "--json", "--", "\"alte Haus am Fluss\""]).expect(1);
}

#[test]
fn a_typo_is_corrected_by_the_stems_of_the_note() {
    let vault = Vault::indexed(&NOTES);
    for (question, path) in
        [("gestrihcen", "de-haus.md"), ("журанлы", "ru-book.md"), ("chevauxx", "fr-cheval.md")]
    {
        assert_eq!(by_words(&vault, question), [path], "{question}");
    }
}

#[test]
fn an_index_that_changes_answers_like_a_fresh_one() {
    let vault = Vault::indexed(&NOTES);
    vault.write(
        "de-haus.md",
        "# Works\n\nThe old houses by the river will be painted, and they get new windows.\n",
    );
    vault.write(
        "de-katze.md",
        "# Animals\n\nThe cat sleeps on the sofa, and the dogs are in the garden with them.\n",
    );
    vault.run(&["index"]).expect(0);
    // No note is in German any more, so `die` is no stop word of it, and nothing has its stems.
    let fresh = Vault::indexed(&NOTES[2..]);
    fresh.write(
        "de-haus.md",
        "# Works\n\nThe old houses by the river will be painted, and they get new windows.\n",
    );
    fresh.write(
        "de-katze.md",
        "# Animals\n\nThe cat sleeps on the sofa, and the dogs are in the garden with them.\n",
    );
    fresh.run(&["index"]).expect(0);
    for question in ["Wo ist das Haus?", "house", "die Hunde", "где книга"] {
        assert_eq!(by_words(&vault, question), by_words(&fresh, question), "{question}");
    }
    vault.run(&["check"]).expect(0);
}
