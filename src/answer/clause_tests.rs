//! What a reader would copy, clause by clause: a note, a question, and the answer.

use super::tests::hit;
use super::*;

/// The answer of a note to a question, and whether it goes on.
fn ask(note: &str, question: &str) -> (String, bool) {
    let found = answer(&hit(note, &[]), &Terms::of(question));
    (found.text, found.partial)
}

/// Text that has nothing to do with any question, of some five hundred characters.
fn padding() -> String {
    "The weather was fine and nothing at all went on in the garden that day. ".repeat(7).trim().to_owned()
}

#[test]
fn what_is_announced_comes_with_its_announcement() {
    let pad = padding();
    for (question, shown) in [
        (
            "how do I see the version of the kernel",
            "Print the version of the kernel with\n\n```\nuname -r\n```",
        ),
        (
            "what is the version of the kernel",
            "Print the version of the kernel by hitting\n\n```\nuname -r\n```\n\nin a terminal.",
        ),
        ("which birds are in the wood", "The birds in the wood are:\n\n- owl\n- jay\n- wren"),
        ("what do birds eat", "Birds eat such things as these:\n\n1. seeds\n2. worms"),
        (
            "what is the size of a wren",
            "The size of a wren is as follows.\n\n| bird | size |\n|---|---|\n| wren | 10 cm |",
        ),
        ("what does the ornithologist say", "The ornithologist says:\n\n> Leave them\n> alone. They sing."),
        (
            "how do I bake bread",
            "Knead the bread:\n\n```\nknead\n```\n\nThen bake the bread:\n\n```\nbake\n```",
        ),
    ] {
        let note = format!("{pad}\n\n{shown}\n\n{pad}\n");
        let (text, partial) = ask(&note, question);
        assert!(text.contains(shown), "{question}: {text}");
        assert!(!partial, "{question}");
    }
}

#[test]
fn a_question_to_do_something_gets_code() {
    let pad = padding();
    let note = format!(
        "A session of tmux has a name. Renaming a session of tmux is a thing that people want. {pad}\n\nYou may do it this way.\n\n```sh\ntmux rename-session owl\n```\n\n{pad}"
    );
    for question in
        ["how do I rename a tmux session", "command to rename a tmux session", "rename tmux session"]
    {
        let (text, _) = ask(&note, question);
        assert!(
            text.contains("You may do it this way.\n\n```sh\ntmux rename-session owl\n```"),
            "{question}: {text}"
        );
    }
    let (text, _) = ask(&note, "why do people want to rename a tmux session");
    assert!(!text.contains("```"), "{text}");
}

#[test]
fn a_question_is_never_its_own_answer() {
    let pad = padding();
    for (note, question, expected) in [
        (
            "How do I check my version?\n\n```\nlsb_release -r\n```\n",
            "how do I check my version",
            "```\nlsb_release -r\n```",
        ),
        ("**What is an owl?**\n\nA bird of the night.", "what is an owl", "A bird of the night."),
        ("Why do owls hoot? They call their mates.", "why do owls hoot", "They call their mates."),
    ] {
        assert_eq!(ask(note, question).0, expected);
        let (text, _) = ask(&format!("{note}\n\n{pad}\n"), question);
        assert!(text.contains(expected) && !text.contains('?'), "{text}");
    }
    let note = format!("# Owls\n\n{pad}\n\n## How owls sleep\n\nIn trees, by day.\n\n## Mice\n\n{pad}");
    let (text, _) = ask(&note, "how do owls sleep");
    assert!(text.contains("In trees, by day.") && !text.contains("How"), "{text}");
}

#[test]
fn lists_are_whole_where_all_is_asked_for() {
    let fruits = "In the basket there are:\n\n1. Apple\n2. Pear\n3. Plum";
    let steps = "To open the door:\n\n1. Find the key\n2. Turn the key\n3. Push\n4. Close the door";
    let pad = padding();
    for (note, question) in [
        (fruits, "which three fruits are in the basket"),
        (fruits, "what is in the basket"),
        (steps, "how do I open the door"),
        (steps, "open the door"),
    ] {
        let (text, partial) = ask(&format!("{pad}\n\n{note}\n\n{pad}"), question);
        assert!(text.contains(note) && !partial, "{question}: {text}");
    }
    let item = |at: usize| format!("- Tool {at} is a thing that one may use for one purpose or another.\n");
    let long: String = (0..12).map(item).collect();
    let long = format!("The tools are these:\n\n{long}- The zorb is the only one that flies in the sky.\n");
    let (text, partial) = ask(&long, "which tools are there");
    assert!(text == long.trim() && !partial, "{text}");
    // Of a list that isn't asked for, the item is enough.
    let (text, _) = ask(&long, "what is the zorb");
    assert!(text.contains("The zorb") && text.len() <= ANSWER_CHARS && !text.contains("these"), "{text}");
}

#[test]
fn the_items_above_a_nested_one_are_kept() {
    let filler =
        "  - Somewhere else is a town that has a castle and a river and a bridge to cross it.\n".repeat(8);
    let note =
        format!("- Europe\n{filler}- Africa\n{filler}  - In Egypt the capital is called Cairo\n{filler}");
    let (text, _) = ask(&note, "what is the capital of Egypt");
    assert!(text.contains("- Africa") && text.contains("Cairo") && !text.contains("Europe"), "{text}");
    assert!(text.len() < 500, "{text}");
}

#[test]
fn what_says_nothing_is_left_out() {
    for (note, expected) in [
        ("![[owl.png]]\n\nOwls hunt mice.\n\n#birds #night", "Owls hunt mice."),
        ("<div align=\"center\">\n\nOwls hunt mice.\n\n</div>", "Owls hunt mice."),
        ("> [!warning]\n> Owls hunt\n> mice.", "> Owls hunt\n> mice."),
        ("Owls hunt mice.\n\n[source](https://owls.example/a)", "Owls hunt mice."),
        ("See [[Mice]]\n\nOwls hunt mice.\n\n---", "Owls hunt mice."),
        ("Owls hunt.\n\n![a](b.png)\n\nMice run.", "Owls hunt. … Mice run."),
        ("Owls look like this:\n\n![a](b.png)", "Owls look like this:\n\n![a](b.png)"),
        // Where there is nothing else, it is shown.
        ("![[owl.png]]", "![[owl.png]]"),
        ("- [[Owls]]\n- [[Mice]]", "- [[Owls]]\n- [[Mice]]"),
    ] {
        assert_eq!(ask(note, "what do owls hunt").0, expected);
    }
}

#[test]
fn what_is_too_long_is_cut_at_an_edge() {
    let rows: String =
        (0..100).fold(String::new(), |rows, at| rows + &format!("| country {at} | capital {at} |\n"));
    let table = format!("| country | capital |\n|---|---|\n{rows}");
    let (text, partial) = ask(&table, "what is the capital of country 77");
    assert!(partial && text.starts_with("| country | capital |\n|---|---|"), "{text}");
    assert!(text.contains("| country 77 | capital 77 |") && text.ends_with('|'), "{text}");
    let items: String = (1..100).fold(String::new(), |text, at| {
        text + &format!("{at}. Do the thing that is number {at} in its turn.\n")
    });
    let (text, partial) = ask(&format!("To do it all:\n\n{items}"), "how do I do it all");
    assert!(partial && text.starts_with("To do it all:\n\n1. Do") && text.ends_with("turn."), "{text}");
    let code: String = (0..300).fold(String::new(), |code, at| code + &format!("call({at})\n"));
    let (text, partial) = ask(&format!("Call all:\n\n```\n{code}zorb()\n```\n"), "how do I call zorb");
    assert!(partial && text.starts_with("Call all:") && text.contains("zorb()"), "{text}");
    for text in [text, table] {
        assert!(ask(&text, "zorb").0.chars().count() <= WHOLE_CHARS);
    }
}

#[test]
fn steps_are_shown_together() {
    let pad = padding();
    let one =
        |verb: &str| format!("{verb} the image as somebody has told you to do it:\n\n```\nimage {verb}\n```");
    let steps = ["Build", "Then push", "Next pull", "Finally start"].map(one).join("\n\n");
    for note in [steps.clone(), format!("{pad}\n\n{steps}"), format!("{steps}\n\n{pad}")] {
        for question in ["how do I start the image", "how to build the image"] {
            let (text, partial) = ask(&note, question);
            assert!(text.contains(&steps) && !partial, "{text}");
        }
    }
    let many = ["First build"; 20].map(one).join("\n\n");
    let (text, partial) = ask(&many, "how do I build the image");
    assert!(partial && text.ends_with("```") && text.len() <= WHOLE_CHARS, "{text}");
}

#[test]
fn an_answer_in_a_unit_is_cut_at_a_block() {
    let paragraph = |at: usize| {
        format!("Owls of kind {at} hunt at night in the woods, and so do others. They sleep by day.")
    };
    let note = |count| (0..count).map(paragraph).collect::<Vec<_>>().join("\n\n");
    let unit = |note: &str, question: &str| {
        let mut hit = hit(note, &[]);
        hit.source.passage.question = Some("What do owls do?".to_owned());
        let found = answer(&hit, &Terms::of(question));
        (found.text, found.partial)
    };
    assert_eq!(unit(&note(10), "what do owls do"), (note(10), false));
    let (text, partial) = unit(&note(40), "what do owls do");
    assert!(partial && text.starts_with("Owls of kind 0 ") && text.ends_with("by day."), "{text}");
    let (text, partial) = unit(&note(40), "in which woods is an owl of kind 33 seen");
    assert!(partial && text.contains("kind 33 hunt"), "{text}");
}

#[test]
fn an_excerpt_is_chosen_the_same_way() {
    let pad = padding();
    let shown = |note: &str, question: &str| {
        let passage = hit(note, &[]).source.passage;
        let range = excerpt(&passage, &Evidence::default(), &Terms::of(question));
        note[range].to_owned()
    };
    let announced = "Print the version with\n\n```\nuname -r\n```";
    let text = shown(&format!("{pad} {pad}\n\n{announced}\n\n{pad} {pad}"), "how do I print the version");
    assert!(text.contains(announced) && text.chars().count() <= EXCERPT_CHARS, "{text}");
    let code = "print(version)\n".repeat(100);
    let text = shown(&format!("{pad}\n\nPrint it:\n\n```\n{code}```\n"), "how do I print it");
    assert!(text.starts_with("Print it:\n\n```") && text.ends_with("print(version)"), "{text}");
    assert!(text.chars().count() <= EXCERPT_CHARS);
}
