//! Drives the program the way a person or a script does: files in, text and exit status out.

#![expect(clippy::unwrap_used, reason = "what a test can't do fails it")]
#![expect(clippy::format_collect, reason = "notes are made once, and short")]

#[path = "../made/mod.rs"]
mod made;
#[path = "../scripted/mod.rs"]
mod scripted;
mod support;

mod asking; // ask and search: answers, sources, JSON, filters
mod bad_input; // whatever can lie in a folder of notes
mod chat; // questions one after the other, from a pipe and at a terminal
mod check; // a sound index, a flipped byte in any file
mod endless; // files that wait or never end, in each place where one is opened
mod dates; // dates in questions
mod documents; // PDF, office files, books, pages, mail, archives: places, bad ones, --kinds, extract
mod eval; // test sets of all three forms, and mistakes in them
mod failures; // what can be wrong with the index, the disk, the question
mod freshness; // notes that have changed since: counted, and read first if that is wanted
mod golden; // the sample notes and their questions, through the real model
#[cfg(feature = "hub")]
mod hub; // models of the hub, from a stand-in of it: whole, cut off, wrong, hostile, slow
mod incremental; // what a second run does and doesn't do
mod interrupted; // runs that are broken off, locks that are removed, vaults that move
mod flags; // command-line flags in questions, and words that are left out
mod json; // documents that stand alone: places, errors, every command
mod languages; // notes in other languages than English: forms, compounds, phrases, typos
mod left_out; // what isn't taken, what is told of it, and what takes a note's place
mod links; // what others call a note, pointers, where links lead
mod listing; // filters without words, notes and tags, properties, help syntax
mod manners; // streams, colours, help, completions, the other commands
mod models; // other models than the bundled one
mod notebooks; // files that aren't text: cells are cited, opened, and noticed when they change
mod page; // what is printed of sources: lines, passages, places for editors, and --open
mod places; // copies of indexes, and who may name a database
mod query; // what can be typed in a question: phrases, exclusions, fields, names, typos
mod rebuild; // --rebuild and --optimize: an index in any state becomes one as good as new
mod syntaxes; // Org, Logseq, reStructuredText, canvases, and what isn't text
mod trust; // folders from elsewhere: whose settings and indexes count, and what they may have read
#[cfg(feature = "generate")]
mod written; // answers that a language model writes: pages, documents, events, servers that fail
mod words; // words as people write and type them: markup, normal forms, numbers, scripts, symbols, exact words
#[path = "../vault/mod.rs"]
mod vault;
