//! Another store gives the same replies: nothing of an answer depends on how passages are stored.

use super::*;
use crate::store::tests::memory::MemoryStore;

/// Subjects, with two facts each.
const SUBJECTS: [(&str, &str, &str); 9] = [
    (
        "owls",
        "Owls eat mice and voles, which they swallow whole.",
        "Their feathers have soft edges, so they fly without a sound.",
    ),
    (
        "bread",
        "Sourdough bread rises for twelve hours before it is baked.",
        "A hot stone gives the loaf a dark crust.",
    ),
    (
        "trains",
        "Night trains leave from platform nine at half past ten.",
        "A seat reservation costs 4 euros.",
    ),
    (
        "locks",
        "A mutex lets one thread at a time enter a critical section.",
        "A deadlock needs two locks that are taken in different orders.",
    ),
    (
        "rivers",
        "The Danube flows through ten countries to the Black Sea.",
        "Floods carry fertile mud onto the fields.",
    ),
    (
        "python",
        "Python's `DataFrame` comes from pandas, and `np.array` from numpy.",
        "The global interpreter lock was introduced by Guido van Rossum in 1992.",
    ),
    ("bees", "Bees dance to tell each other where flowers are.", "A hive has up to 60000 workers in summer."),
    (
        "clocks",
        "A pendulum clock loses ten seconds a day in summer.",
        "Quartz crystals swing 32768 times a second.",
    ),
    (
        "state",
        "The state-of-the-art is copy-on-write snapshots.",
        "See `my_func` in __init__ for the details.",
    ),
];

const QUESTIONS: [&str; 26] = [
    "what do owls eat",
    "how do owls fly so silently",
    "when was the global interpreter lock introduced",
    "who introduced the GIL",
    "how much is a seat reservation",
    "\"critical section\"",
    "\"one thread at a time\" mutex",
    "what is \"a phrase that nobody wrote\" about",
    "locks -deadlock",
    "flowers -\"dance to tell\"",
    "tag:animals what do they do in summer",
    "-tag:animals summer",
    "path:qa bread crust",
    "-path:diary,lists trains",
    "since:2024-04 mud on the fields",
    "before:2024-04 feathers",
    "title:clocks seconds",
    "sourdoguh bred",
    "penduluum clok",
    "danbue countrys",
    "np.array dataframe",
    "my func init",
    "copy on write",
    "state of the art",
    "zebra stripes on the moon",
    "?!",
];

/// Four notes on each subject: prose, a question with its answer, a diary with tags and a date, and a list.
fn notes() -> Vec<(String, String)> {
    let mut notes = Vec::new();
    for (number, (subject, first, second)) in (1..).zip(SUBJECTS) {
        let kind = if ["owls", "bees"].contains(&subject) { "animals" } else { "things" };
        notes.push((
            format!("{subject}.md"),
            format!("# All about {subject}\n\n{first} {second}\n\n## Details\n\n{second} It is said of {subject} often.\n"),
        ));
        notes.push((
            format!("qa/{subject}.md"),
            format!("**Q: What is known of {subject}?**\n{first}\n\n**Q: What else?**\n{second}\n"),
        ));
        notes.push((
            format!("diary/{subject}.md"),
            format!("---\ntitle: A day with {subject}\ntags: [{kind}, diary]\ndate: 2024-0{number}-10\n---\n\nToday I read this: {first}\n\nLater: {second}\n"),
        ));
        notes.push((
            format!("lists/{number}.md"),
            format!("Things to remember:\n\n- {first}\n- {second}\n- Nothing else.\n"),
        ));
    }
    notes
}

#[test]
fn replies_are_the_same_to_the_bit() {
    let notes = notes();
    let borrowed: Vec<(&str, &str)> = notes.iter().map(|(name, text)| (&**name, &**text)).collect();
    let vault = Vault::new(&borrowed);
    let disk = vault.snapshot();
    let memory = MemoryStore::copy_of(&disk);
    #[cfg(feature = "live-postgres")]
    let database = crate::store::postgres::tests::TestDatabase::copy_of(&disk);
    #[cfg(feature = "live-postgres")]
    let database = database.open();
    let mut answered = 0;
    for text in QUESTIONS {
        for (sources, paths) in [(5, vec![]), (30, vec!["diary".to_owned(), "*s.md".to_owned()])] {
            let mut question = Question::new(text, sources, Day::of(0));
            question.filter.paths = paths;
            question.trust = crate::trust::Trust::All;
            let ask =
                |index: &dyn Store| ask(index, &vault.encoder, &question, &mut Stopwatch::default()).unwrap();
            let (one, other) = (ask(&disk), ask(&memory));
            assert_eq!(format!("{one:?}"), format!("{other:?}"), "{text}");
            let search = |index: &dyn Store| search(index, &vault.encoder, &question).unwrap();
            assert_eq!(format!("{:?}", search(&disk)), format!("{:?}", search(&memory)), "{text}");
            #[cfg(feature = "live-postgres")]
            {
                assert_eq!(format!("{:?}", ask(&*database)), format!("{one:?}"), "{text}");
                assert_eq!(format!("{:?}", search(&*database)), format!("{:?}", search(&disk)), "{text}");
            }
            answered += usize::from(one.answer.is_some());
        }
    }
    assert!(answered > QUESTIONS.len() / 2, "{answered} answers");
}

#[test]
fn what_lies_on_another_machine_is_neither_stale_nor_fresh() {
    let vault = Vault::new(&[("owls.md", "# Owls\n\nOwls eat mice.\n"), ("bread.md", "Bread rises.\n")]);
    let there = MemoryStore::copy_of(&vault.snapshot()).on_machine("pc");
    std::fs::write(vault.path("notes/owls.md"), "Cats.\n").unwrap();
    std::fs::write(vault.path("notes/new.md"), "Dogs.\n").unwrap();
    let question = Question::new("what do owls eat", 5, Day::of(0));
    let ask = |index: &dyn Store| ask(index, &vault.encoder, &question, &mut Stopwatch::default()).unwrap();
    let here = ask(&vault.snapshot());
    assert_eq!((here.hits[0].stale, here.hits[0].machine.clone()), (true, None));
    let reply = ask(&there);
    assert_eq!((reply.hits[0].stale, reply.hits[0].machine.as_deref()), (false, Some("pc")));
    assert_eq!(reply.answer.unwrap().text, here.answer.unwrap().text);
    let shown = crate::wire::Show { roots: &there.info().roots, explain: false };
    let document = serde_json::to_value(crate::wire::results(&reply.hits, &shown)).unwrap();
    assert_eq!((&document[0]["stale"], &document[0]["machine"]), (&false.into(), &"pc".into()));
    assert!(document[0]["absolute_path"].is_null());
    let trust = crate::trust::Trust::All;
    let get = |name: &str| crate::get::get(&there, name.as_ref(), &vault.path(""), &trust);
    let note = get("notes/owls.md").unwrap();
    assert_eq!((note.stale, note.machine.as_deref(), note.unabridged.as_ref()), (false, Some("pc"), None));
    assert!(get(vault.path("notes/owls.md").to_str().unwrap()).is_err(), "no path of this disk means it");
    assert!(crate::get::text_now(&there, &trust, &note).is_none());
    let opened = crate::get::open_below(&there, &trust, "notes", "owls.md".as_ref()).unwrap_err();
    assert_eq!(opened.to_string(), "notes/owls.md lies on pc, and can't be opened here");
    let place = crate::store::Place::from(vault.path("index"));
    let status = crate::status::status(&place, &there, &trust).unwrap();
    assert!(status.drift.is_empty() && status.roots[0].files == 2, "{status:?}");
    let document = serde_json::to_value(crate::wire::Status::new(&status)).unwrap();
    assert_eq!((&document["roots"][0]["machine"], &document["stale"]), (&"pc".into(), &false.into()));
}
