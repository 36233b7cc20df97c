//! Dialogues: what goes on from what was said, what stands by itself, and what is made of it.

use std::ops::ControlFlow;

use proptest::prelude::*;

use super::*;
use crate::error::LlmError;
use crate::generate::{Ending, Stop, Task};

fn turn(asked: &str) -> Turn {
    Turn { asked: asked.to_owned(), answer: String::new() }
}

fn after(asked: &str, question: &str) -> String {
    follow_up(None, &[turn(asked)], question, &|| false).unwrap()
}

/// What was asked, what is asked now, and what that means.
const DIALOGUES: &[(&str, &str, &str)] = &[
    // The same question elsewhere.
    ("how does garbage collection work in Python", "and in Go?", "how does garbage collection work in Go"),
    (
        "how does garbage collection work in Python",
        "what about in Go",
        "how does garbage collection work in Go",
    ),
    ("how is memory managed for lists", "and for tuples?", "how is memory managed for tuples"),
    ("where do I change the font in Linux", "on Windows?", "where do I change the font on Windows"),
    ("how does garbage collection work", "and in Go?", "how does garbage collection work in Go"),
    ("what did we spend in March on travel", "and in April?", "what did we spend in April on travel"),
    // Another thing in the same question.
    ("when was the boiler serviced", "and the car?", "when was the car serviced"),
    ("when was the boiler serviced?", "what about the car?", "when was the car serviced"),
    ("where is the passport", "and the visa?", "where is the visa"),
    ("how does threading work", "and asyncio?", "how does asyncio work"),
    ("what is a tuple", "and a list?", "what is a list"),
    ("how do I rename a branch in git", "and a tag?", "how do I rename a tag in git"),
    ("is Rust compiled", "and Python?", "is Python compiled"),
    // A pronoun means the topic.
    ("what is asyncio", "how do I use it?", "how do I use asyncio"),
    ("what is the GIL", "why does it exist?", "why does the GIL exist"),
    ("what is the GIL?", "who wrote it", "who wrote the GIL"),
    ("what are decorators", "when are they useful?", "when are decorators useful"),
    ("what are decorators", "and how do they work", "how do decorators work"),
    ("how does garbage collection work", "can it be turned off?", "can garbage collection be turned off"),
    ("tell me about owls", "what do they eat?", "what do owls eat"),
    ("sourdough starter", "how often do I feed it", "how often do I feed sourdough starter"),
    ("who is Ingrid Bergqvist", "where does she live?", "where does Ingrid Bergqvist live"),
    ("who is Ingrid Bergqvist", "what is her address", "what is Ingrid Bergqvist's address"),
    ("what is asyncio", "what are its limits", "what are asyncio's limits"),
    ("what did Anna say about the budget", "when is it due", "when is the budget due"),
    ("what is a mutex", "what's it for?", "what's a mutex for"),
    ("how do I rename a git branch", "can I undo that?", "can I undo a git branch"),
    // The same, asked in another way.
    ("is a tuple immutable", "why?", "why is a tuple immutable"),
    ("what does the cache store", "why?", "why does the cache store"),
    ("is a tuple immutable?", "why is that?", "why is a tuple immutable"),
    ("was the boiler serviced", "when?", "when was the boiler serviced"),
    ("did we pay the invoice", "how much?", "how much did we pay the invoice"),
    ("can I use threads", "why not?", "why not can I use threads"),
    ("what is the GIL", "really?", "what is the GIL"),
    ("what is the GIL", "tell me more", "what is the GIL"),
    ("what is the GIL", "go on", "what is the GIL"),
    // Of what it is.
    ("what is asyncio", "what are the advantages?", "what are the advantages of asyncio"),
    ("how do decorators work", "any examples?", "any examples of decorators"),
    ("explain lists and tuples", "what's the difference?", "what's the difference between lists and tuples"),
    // New words first, then those of the question before.
    ("what is garbage collection", "what about weak references?", "weak references garbage collection"),
    (
        "which database did the team choose last spring",
        "who decided that?",
        "who decided that database team choose last spring",
    ),
    (
        "are list comprehensions better than loops",
        "which one is faster?",
        "which one is faster list comprehensions better loops",
    ),
    (
        "why did the deployment to production fail on Monday",
        "and the backup?",
        "the backup deployment production fail Monday",
    ),
    (
        "does Python have a garbage collector",
        "does Go have one too?",
        "does Go have one too Python garbage collector",
    ),
    (
        "what did Anna say about the budget",
        "what else did she say?",
        "what else did Anna say about the budget",
    ),
    (
        "what did we decide about the schema",
        "the same for the index?",
        "the same for the index decide schema",
    ),
    // What says which notes are wanted stays, and by itself asks the same of other notes.
    ("what is the schema", "tag:work", "what is the schema tag:work"),
    ("what is the schema tag:work", "-draft", "what is the schema -draft tag:work"),
    ("what did we decide tag:work", "why?", "why did we decide tag:work"),
    ("what is the schema tag:work -draft", "who wrote it", "who wrote the schema tag:work -draft"),
    (
        "what is the schema path:work/**",
        "and in notes? since:2024",
        "what is the schema in notes since:2024 path:work/**",
    ),
];

#[test]
fn what_goes_on_is_made_whole() {
    let wrong: Vec<String> = DIALOGUES
        .iter()
        .map(|(asked, question, means)| (asked, question, means, after(asked, question)))
        .filter(|(_, _, means, got)| got.trim_end_matches('?') != **means)
        .map(|(asked, question, means, got)| format!("{asked} | {question}\n   {means}\n   {got}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), DIALOGUES.len(), wrong.join("\n"));
}

/// Questions that stand by themselves, whatever was said before.
const WHOLE: &[&str] = &[
    "what is a decorator",
    "GIL",
    "GIL?",
    "decorators",
    "sourdough starter",
    "how does python know when it can free an object",
    "circular references garbage collection",
    "why does my function remember items from the previous call",
    "difference between is and ==",
    "what is the difference between is and not",
    "args kwargs meaning",
    "shalow copy vs deepcopy",
    "process memory stays high after deleting big objects",
    "how long does it take to boil an egg",
    "is it safe to store passwords in git",
    "when does it make sense to use threads",
    "does it matter if a list is empty",
    "what time is it",
    "what is a mutex and how does it work",
    "can a thread be stopped while it is waiting",
    "how do I delete a branch after merging it",
    "when Anna called, what did she want",
    "what did I do this week",
    "what happened on that day in Lisbon",
    "which notes mention that Anna is away",
    "the function that returns a list",
    "did we decide that the schema is frozen",
    "to be or not to be",
    "for loop",
    "with statement",
    "in operator",
    "==",
    "what does -> mean",
    "and operator in python",
    "is Go garbage collected too?",
    "And what is a decorator?",
    "but how do decorators work",
    "how can two keys have the same hash",
    "is there a note about owls",
    "what should I use instead of pickle",
    "how do people and their dogs live in Berlin",
    "\"and then there were none\"",
    "tag:work deadline",
    "else clause in a for loop",
    "first law of thermodynamics",
    "what are the benefits of threads",
    "best way to peel garlic",
    "why is the sky blue",
    "who wrote Dune",
    "next steps for the boiler",
    "alternatives",
];

#[test]
fn what_stands_by_itself_is_never_rewritten() {
    let wrong: Vec<String> = WHOLE
        .iter()
        .flat_map(|question| {
            ["what is garbage collection", "when was the boiler serviced"]
                .map(|asked| (question, after(asked, question)))
        })
        .filter(|(question, got)| got != *question)
        .map(|(question, got)| format!("{question}  →  {got}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn without_anything_said_a_question_is_what_it_is() {
    for (_, question, _) in DIALOGUES {
        assert_eq!(follow_up(None, &[], question, &|| false).unwrap(), **question);
        assert_eq!(follow_up(None, &[turn("why?")], question, &|| false).unwrap(), **question);
    }
}

#[test]
fn what_goes_on_from_what_went_on_keeps_the_topic() {
    let mut said = vec![turn("what is the GIL in CPython")];
    for (question, means) in [
        ("why does it exist?", "why does the GIL in CPython exist"),
        ("and in Jython?", "why does the GIL in Jython exist"),
        ("who wrote it?", "who wrote the GIL"),
        ("really?", "who wrote the GIL"),
        ("when?", "when wrote the GIL"),
    ] {
        let got = follow_up(None, &said, question, &|| false).unwrap();
        assert_eq!(got, means, "{question}");
        said.push(turn(&got));
    }
    // What says nothing is passed over.
    said.push(turn("???"));
    assert!(follow_up(None, &said, "why?", &|| false).unwrap().contains("GIL"));
}

/// A model that writes the same whatever it is told.
#[derive(Debug)]
struct Fixed(Result<&'static str, ()>);

impl LanguageModel for Fixed {
    fn name(&self) -> &'static str {
        "fixed"
    }

    fn server(&self) -> &'static str {
        "nowhere"
    }

    fn is_local(&self) -> bool {
        true
    }

    fn write(&self, task: &Task, take: &mut dyn FnMut(&str) -> ControlFlow<()>) -> Result<Ending> {
        assert!(task.messages.last().unwrap().text.contains("Last question: "));
        let text = self.0.map_err(|()| LlmError::NoServer)?;
        for part in text.split_inclusive(' ') {
            if take(part).is_break() {
                return Ok(Ending { stop: Stop::Stopped, read: None, written: None, cut: false });
            }
        }
        Ok(Ending { stop: Stop::Done, read: None, written: None, cut: false })
    }
}

fn rewritten(text: &'static str, question: &str) -> String {
    let said = [Turn { asked: "what is the GIL".into(), answer: "A mutex in CPython.".into() }];
    follow_up(Some(&Fixed(Ok(text))), &said, question, &|| false).unwrap()
}

#[test]
fn a_model_may_rewrite_what_goes_on() {
    for text in [
        "Why does CPython have the GIL?",
        "  \"Why does CPython have the GIL?\"\n",
        "Rewritten question: Why does CPython have the GIL?",
        "**Why does CPython have the GIL?**",
    ] {
        assert_eq!(rewritten(text, "why?"), "Why does CPython have the GIL?", "{text}");
    }
    // What stands by itself isn't shown to it.
    assert_eq!(rewritten("Why does CPython have the GIL?", "who wrote Dune"), "who wrote Dune");
}

#[test]
fn what_a_model_cannot_mean_gives_way_to_the_words() {
    let long = "GIL ".repeat(200).leak();
    for text in [
        "",
        "\n\n",
        "How do I bake bread?",
        "The GIL is a mutex.\nIt protects CPython.",
        "why the GIL path:secret/**",
        "why the GIL -mutex",
        "why \"the GIL is\" there",
        long,
    ] {
        assert_eq!(rewritten(text, "why?"), "why is the GIL", "{text}");
    }
    // What says which notes are wanted stays, whatever the model makes of it.
    assert_eq!(rewritten("Why is the GIL there?", "why? tag:work"), "Why is the GIL there? tag:work");
    // The question's own words stay.
    assert_eq!(rewritten("What is the GIL?", "and weak references?"), "what is weak references");
}

#[test]
fn a_model_that_cannot_write_is_told_and_may_be_stopped() {
    let said = [turn("what is the GIL")];
    assert!(follow_up(Some(&Fixed(Err(()))), &said, "why?", &|| false).is_err());
    assert_eq!(follow_up(Some(&Fixed(Err(()))), &said, "why?", &|| true).unwrap(), "why is the GIL");
    assert_eq!(
        follow_up(Some(&Fixed(Err(()))), &said, "who wrote Dune", &|| false).unwrap(),
        "who wrote Dune"
    );
}

proptest! {
    #[test]
    fn any_talk_gives_one_line(
        asked in "\\PC{0,60}",
        question in "(and |what about |why|it |that |the |in |\"|-x|tag:a|é|’s |[a-z ]{0,8}|\\PC{0,5}){0,8}",
    ) {
        let got = after(&asked, &question);
        prop_assert!(got == question || !got.contains('\n'));
        // Asking the same again changes nothing more than it has to.
        prop_assert!(got.len() <= question.len() + asked.len() + 8);
        let again = follow_up(None, &[], &got, &|| false).unwrap();
        prop_assert_eq!(again, got);
    }
}

#[test]
fn questions_of_test_sets_stand_by_themselves() {
    let golden = include_str!("../../corpus/golden.jsonl");
    let questions = golden.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    for question in questions {
        let question = question["question"].as_str().unwrap();
        assert_eq!(after("when was the boiler serviced", question), question);
    }
}
