//! Sentences whose truth is known by how they are made: copies of what sources say, and copies that say something else.

// The test and the benchmark use different parts.
#![allow(dead_code, clippy::allow_attributes, reason = "a test and a benchmark share this file")]

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use qsearch::chunk::{self, Limits};
use qsearch::document::{NotePath, Passage};
use qsearch::embed::{Embedder, Encoder, Input};
use qsearch::parse;
use qsearch::random::SplitMix64;
use qsearch::support::{Grounds, Piece, Source};
use qsearch::written::Support;

/// Words that may be left out without harm; what stands behind an `if` isn't said without it.
const LIGHT: &[&str] = &[
    "a", "an", "the", "of", "to", "in", "on", "at", "for", "by", "with", "and", "or", "is", "are", "was",
    "were", "be", "been", "it", "its", "this", "that", "these", "those", "as", "from", "into", "than",
    "then", "so", "does", "do", "you", "your", "we", "our", "they", "their", "he", "she", "his", "her", "i",
    "when", "which", "who", "what", "how", "there", "here", "also", "why", "where", "will", "can", "yes",
];

/// How a sentence was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A sentence of a source, as it is.
    Copy,
    /// Without some of the words that only hold it together.
    Dropped,
    /// Its longest part between commas and dashes.
    Part,
    /// With each digit replaced.
    Number,
    /// With a name of another passage in the place of one of its own.
    Name,
    /// With a name of another sentence of the same sources.
    NearbyName,
    /// With a negation, or without its own.
    Negation,
    /// With two words of another passage.
    Swap,
    /// With two of its words in each other's place.
    Order,
    /// A sentence of another passage about the same things.
    Other,
}

/// A sentence to be judged by sources.
#[derive(Debug)]
pub(crate) struct Pair {
    /// How it was made.
    pub(crate) kind: Kind,
    /// The passages that are its sources.
    pub(crate) sources: Vec<usize>,
    /// The sentence.
    pub(crate) sentence: String,
    /// The sentence that it was made of.
    pub(crate) origin: String,
    /// The source that says it, if one does.
    pub(crate) truth: Option<usize>,
}

/// Passages with their vectors, and pairs made of them.
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) passages: Vec<(Option<String>, Passage)>,
    pub(crate) pairs: Vec<Pair>,
}

/// What became of a pair.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) support: Option<Support>,
    /// The places, as text.
    pub(crate) text: String,
    /// Whether the first place is in the source that says it.
    pub(crate) is_right: bool,
}

/// All notes below a folder, sorted.
fn notes(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            notes(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| ["md", "txt", "org", "rst"].iter().any(|known| extension == *known))
        {
            found.push(path);
        }
    }
}

impl Set {
    /// Makes pairs of the notes below a folder: `groups` times some passages on one topic, of `most` passages in all.
    pub(crate) fn of(folder: &Path, encoder: &Encoder, seed: u64, groups: usize, most: usize) -> Self {
        let mut random = SplitMix64::new(seed);
        let mut files = Vec::new();
        notes(folder, &mut files);
        let mut passages: Vec<(Option<String>, Passage)> = Vec::new();
        while !files.is_empty() && passages.len() < most {
            let path = files.swap_remove(random.below(files.len()));
            let bytes = fs::read(&path).expect("a note");
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let (document, _) = parse::parse(&NotePath::from_encoded(name), bytes.as_slice());
            let tokens = |text: &str| encoder.tokens(text);
            let limits = Limits::default();
            let chunks = chunk::chunk(&document, &tokens, &limits);
            passages.extend(chunks.map(|chunk| (document.title.clone(), chunk.passage)));
        }
        passages.truncate(most);
        let texts: Vec<String> = passages.iter().map(|(_, passage)| passage.embedded_text()).collect();
        let inputs: Vec<Input<'_>> = texts.iter().map(|text| text.as_str().into()).collect();
        let vectors: Vec<Vec<f32>> = encoder
            .embed_passages(&inputs)
            .expect("vectors")
            .into_iter()
            .map(|embedding| embedding.vector)
            .collect();
        let mut set = Self { passages, pairs: Vec::new() };
        for _ in 0..groups {
            let first = random.below(vectors.len());
            let mut near: Vec<(f32, usize)> =
                vectors.iter().enumerate().map(|(at, vector)| (dot(&vectors[first], vector), at)).collect();
            near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            if near.len() >= 4 {
                let near: Vec<usize> = near.iter().take(4).map(|(_, at)| *at).collect();
                set.group(&near[..3], near[3], &mut random);
            }
        }
        set
    }

    /// Adds the pairs of sources on one topic, with another passage about it.
    fn group(&mut self, sources: &[usize], other: usize, random: &mut SplitMix64) {
        let texts: Vec<&str> = sources.iter().map(|&source| self.passages[source].1.text.as_str()).collect();
        let given = texts.join("\n");
        let lower = given.to_lowercase();
        let other_text = self.passages[other].1.text.clone();
        let mut said: Vec<(usize, String)> = Vec::new();
        for (source, text) in sources.iter().zip(&texts) {
            said.extend(sentences(text).into_iter().map(|sentence| (*source, sentence)));
        }
        let foreign = |word: &&str| !lower.contains(&word.to_lowercase());
        let strange: Vec<&str> =
            content(&other_text).into_iter().filter(|word| word.len() > 4).filter(foreign).collect();
        let strange_names: Vec<String> =
            names(&other_text).into_iter().filter(|name| foreign(&name.as_str())).collect();
        let own_names: Vec<String> = names(&given);
        let mut made = Vec::new();
        for _ in 0..3.min(said.len()) {
            let (source, sentence) = said.swap_remove(random.below(said.len()));
            let mut add = |kind, text: Option<String>, truth: bool| {
                if let Some(text) = text.filter(|text| truth && kind == Kind::Copy || *text != sentence) {
                    made.push(Pair {
                        kind,
                        sources: sources.to_vec(),
                        sentence: text,
                        origin: sentence.clone(),
                        truth: truth.then_some(source),
                    });
                }
            };
            add(Kind::Copy, Some(sentence.clone()), true);
            add(Kind::Dropped, Some(dropped(&sentence, random)), true);
            add(Kind::Part, part(&sentence), true);
            add(Kind::Number, number(&sentence), false);
            add(Kind::Name, renamed(&sentence, &strange_names, random), false);
            let nearby: Vec<String> =
                own_names.iter().filter(|name| is_strange(name, &sentence)).cloned().collect();
            add(Kind::NearbyName, renamed(&sentence, &nearby, random), false);
            add(Kind::Negation, negation(&sentence), false);
            add(Kind::Swap, swapped(&sentence, &strange, random), false);
            add(Kind::Order, reordered(&sentence, random), false);
        }
        let mut others = sentences(&other_text);
        others.retain(|sentence| !squeezed(&given).contains(&squeezed(sentence)));
        for _ in 0..3.min(others.len()) {
            let sentence = others.swap_remove(random.below(others.len()));
            made.push(Pair {
                kind: Kind::Other,
                sources: sources.to_vec(),
                origin: sentence.clone(),
                sentence,
                truth: None,
            });
        }
        self.pairs.extend(made);
    }

    /// Judges all pairs.
    pub(crate) fn judge(&self, encoder: &Encoder) -> Vec<Verdict> {
        let mut embed = |texts: &[&str]| {
            let inputs: Vec<Input<'_>> = texts.iter().map(|&text| text.into()).collect();
            Ok(encoder.embed_passages(&inputs)?.into_iter().map(|embedding| embedding.vector).collect())
        };
        let mut grounds: Option<(Vec<usize>, Grounds)> = None;
        let mut verdicts = Vec::new();
        for pair in &self.pairs {
            if grounds.as_ref().is_none_or(|(sources, _)| *sources != pair.sources) {
                let sources: Vec<Source<'_>> = pair
                    .sources
                    .iter()
                    .zip(1..)
                    .map(|(&at, number)| Source {
                        number,
                        title: self.passages[at].0.as_deref(),
                        passage: &self.passages[at].1,
                    })
                    .collect();
                grounds = Some((pair.sources.clone(), Grounds::of(&sources)));
            }
            let (_, grounds) = grounds.as_mut().expect("grounds");
            let piece = Piece { text: pair.sentence.clone(), ..Piece::default() };
            let finding = grounds.judge(&piece, &mut embed).expect("a verdict");
            let places = finding.iter().flat_map(|finding| &finding.places);
            let text: Vec<&str> = places
                .map(|(source, range)| &self.passages[pair.sources[*source]].1.text[range.clone()])
                .collect();
            let is_right = finding.as_ref().is_some_and(|finding| {
                finding.places.iter().any(|(source, _)| Some(pair.sources[*source]) == pair.truth)
            });
            verdicts.push(Verdict {
                support: finding.as_ref().map(|finding| finding.support),
                text: text.join(" || "),
                is_right,
            });
        }
        verdicts
    }
}

/// Whether a text has no form of a word.
fn is_strange(word: &str, text: &str) -> bool {
    const STEM: usize = 5;
    !text.to_lowercase().contains(&word.to_lowercase()[..word.len().min(STEM)])
}

/// For each kind how many there are, and which share is quoted and near.
pub(crate) fn shares(set: &Set, verdicts: &[Verdict]) -> BTreeMap<Kind, (usize, f64, f64)> {
    let mut counts: BTreeMap<Kind, (usize, f64, f64)> = BTreeMap::new();
    for (pair, verdict) in set.pairs.iter().zip(verdicts) {
        let count = counts.entry(pair.kind).or_default();
        count.0 += 1;
        match verdict.support {
            Some(Support::Quoted) => count.1 += 1.0,
            Some(Support::Near) => count.2 += 1.0,
            None => {}
        }
    }
    for count in counts.values_mut() {
        count.1 /= count.0 as f64;
        count.2 /= count.0 as f64;
    }
    counts
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// What a text says, without blanks and signs.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The sentences of a text as a simple script finds them, line by line.
fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let plain = text.replace("**", "").replace('`', "");
    for line in plain.lines() {
        let line = line.trim().trim_start_matches(['-', '*', '#', '>', ' ', '\t']);
        let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let line = if digits.len() < line.len() {
            digits.strip_prefix(['.', ')']).filter(|rest| rest.starts_with(' ')).unwrap_or(line)
        } else {
            line
        };
        let mut start = 0;
        let bytes = line.as_bytes();
        for at in 1..bytes.len() {
            let ends = matches!(bytes[at - 1], b'.' | b'!' | b'?') && bytes[at] == b' ';
            let next = line.get(at..).and_then(|rest| rest.trim_start().chars().next());
            if ends
                && next.is_some_and(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || "\"'([".contains(c))
            {
                found.push(line[start..at].trim().to_owned());
                start = at;
            }
        }
        found.push(line[start..].trim().to_owned());
    }
    found.retain(|sentence| {
        (7..=45).contains(&sentence.split_whitespace().count())
            && !sentence.ends_with('?')
            && content(sentence).len() >= 2
    });
    found
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Words of letters that say something.
fn content(text: &str) -> Vec<&str> {
    let words = text.split_whitespace().map(bare);
    words
        .filter(|word| {
            word.len() > 3
                && word.bytes().all(|byte| byte.is_ascii_alphabetic())
                && !LIGHT.contains(&word.to_lowercase().as_str())
        })
        .collect()
}

/// Words with a capital inside, and words with one that don't begin a sentence.
fn names(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut before = "";
        for token in line.split_whitespace() {
            let word = bare(token);
            let plain = word.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_') && word.len() > 1;
            let inner = word.chars().skip(1).any(char::is_uppercase);
            let inside = !before.is_empty() && before.ends_with(|c: char| c.is_alphanumeric() || c == ',');
            if plain
                && (inner || inside && word.starts_with(char::is_uppercase))
                && !LIGHT.contains(&word.to_lowercase().as_str())
            {
                found.push(word.to_owned());
            }
            before = token;
        }
    }
    let mut once = HashSet::new();
    found.retain(|name| once.insert(name.clone()));
    found
}

fn dropped(sentence: &str, random: &mut SplitMix64) -> String {
    let words = sentence.split_whitespace();
    let kept: Vec<&str> = words
        .filter(|word| !(LIGHT.contains(&bare(word).to_lowercase().as_str()) && random.unit() < 0.7))
        .collect();
    kept.join(" ")
}

fn part(sentence: &str) -> Option<String> {
    let dashes = sentence.replace(" — ", "; ").replace(" – ", "; ").replace(" - ", "; ").replace(", ", "; ");
    let parts: Vec<&str> = dashes.split("; ").collect();
    let longest = parts.iter().max_by_key(|part| part.len())?.trim();
    // A shorter one is a scrap and no sentence.
    (parts.len() > 1 && longest.split_whitespace().count() >= 4).then(|| longest.to_owned())
}

fn number(sentence: &str) -> Option<String> {
    sentence.contains(|c: char| c.is_ascii_digit()).then(|| {
        sentence
            .chars()
            .map(|c| c.to_digit(10).map_or(c, |digit| char::from(b'0' + ((digit + 3) % 10) as u8)))
            .collect()
    })
}

fn renamed(sentence: &str, others: &[String], random: &mut SplitMix64) -> Option<String> {
    let own = names(sentence);
    if own.is_empty() || others.is_empty() {
        return None;
    }
    let (name, other) = (&own[random.below(own.len())], &others[random.below(others.len())]);
    Some(sentence.replace(name.as_str(), other))
}

fn negation(sentence: &str) -> Option<String> {
    if sentence.contains(" not ") {
        return Some(sentence.replacen(" not ", " ", 1));
    }
    let verbs = ["is", "are", "can", "will", "does", "was", "has", "should", "may"];
    let at = verbs
        .iter()
        .filter_map(|verb| sentence.find(&format!(" {verb} ")).map(|at| at + verb.len() + 1))
        .min()?;
    Some(format!("{} not{}", &sentence[..at], &sentence[at..]))
}

fn swapped(sentence: &str, strange: &[&str], random: &mut SplitMix64) -> Option<String> {
    let mut own: Vec<&str> = content(sentence).into_iter().filter(|word| word.len() > 4).collect();
    if own.len() < 2 || strange.is_empty() {
        return None;
    }
    let mut text = sentence.to_owned();
    for _ in 0..2 {
        let word = own.swap_remove(random.below(own.len()));
        text = text.replacen(word, strange[random.below(strange.len())], 1);
    }
    Some(text)
}

fn reordered(sentence: &str, random: &mut SplitMix64) -> Option<String> {
    let mut words: Vec<&str> = sentence.split(' ').collect();
    let places: Vec<usize> = (0..words.len())
        .filter(|&at| content(words[at]).len() == 1 && bare(words[at]) == words[at])
        .collect();
    if places.len() < 2 {
        return None;
    }
    let first = random.below(places.len() - 1);
    let second = first + 1 + random.below(places.len() - first - 1);
    if words[places[first]].eq_ignore_ascii_case(words[places[second]]) {
        return None;
    }
    words.swap(places[first], places[second]);
    Some(words.join(" "))
}
