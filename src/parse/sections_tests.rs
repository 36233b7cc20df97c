use super::*;
use crate::document::NotePath;
use crate::parse::parse;

/// Checks a Markdown note's sections as `lines trail: content`.
fn check(text: &str, expected: &[&str]) {
    let (document, _) = parse(&NotePath::from_encoded("a.md"), text.as_bytes());
    let told: Vec<String> = document
        .sections
        .iter()
        .map(|section| {
            let content = document.text.as_str()[section.content.clone()].replace('\n', "/");
            let titled = if section.titled { "" } else { "*" };
            let lines = document.text.lines(&section.range);
            format!("{lines}{titled} {}: {content}", section.heading.join(" › "))
        })
        .collect();
    assert_eq!(told, expected, "{text}");
}

#[test]
fn headings_form_trails() {
    check(
        "intro\n\n# A\na\n### C\nc\n## B\nb\n\n# D\nd\n",
        &["1-2* : intro", "3-4 A: a", "5-6 A › C: c", "7-9 A › B: b", "10-11 D: d"],
    );
}

#[test]
fn a_bare_heading_goes_with_what_is_beneath_it() {
    check(
        "\n# A\n\n## B\n---\n### C\nc\n## D\n## E\ne\n",
        &["1-7 A › B › C: c", "8 A › D: ## D", "9-10 A › E: e"],
    );
    check("# A\n## What is B?\nb\n", &["1-3 A: b"]);
    check("# A\n## B\n", &["1-2 A › B: # A/## B"]);
}

#[test]
fn blank_edges_and_breaks_belong_to_a_neighbour() {
    check("\n\n---\n\n# A\na\n\n***\n\n", &["1-9 A: a"]);
    check(" \n\n", &["1-2* : "]);
    check("", &[]);
}

#[test]
fn a_question_is_in_the_trail_of_what_is_beneath_it_only() {
    check(
        "# T\n## What is A?\na\n### What is B?\nb.\n---\nrest\n### C\nc\n",
        &["1-3 T: a", "4-6 T › What is A?: b.", "7* T: rest", "8-9 T › C: c"],
    );
}

#[test]
fn trails_are_short_however_long_the_headings_are() {
    let mut text = String::new();
    for level in 1..6 {
        text.extend(["#".repeat(level), " ".to_owned(), "a".repeat(500), "\n".to_owned()]);
    }
    text += &"###### b\nc\n".repeat(90_000);
    let (document, _) = parse(&NotePath::from_encoded("a.md"), text.as_bytes());
    let title = format!("{}…", "a".repeat(197));
    assert_eq!(document.title.as_ref(), Some(&title));
    let last = document.sections.last().unwrap();
    assert_eq!(last.heading.iter().map(AsRef::as_ref).collect::<Vec<_>>(), [&title, &title, "b"]);
    let bytes = |section: &Section| section.heading.iter().map(|title| title.len()).sum::<usize>();
    assert!(
        document.sections.iter().all(|section| bytes(section) <= MAX_TRAIL && section.heading.len() <= 8)
    );
    // All but the last part is shared.
    let shared = |section: &Section| Arc::ptr_eq(&section.heading[0], &last.heading[0]);
    assert!(document.sections.iter().all(shared));

    let deep: String = (1..2000).flat_map(|level| ["*".repeat(level), " b\nc\n".to_owned()]).collect();
    let (document, _) = parse(&NotePath::from_encoded("a.org"), deep.as_bytes());
    assert!(document.sections.iter().all(|section| section.heading.len() <= 8));
}
