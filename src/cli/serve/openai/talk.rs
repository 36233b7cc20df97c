//! One answer in a conversation: what is asked is found out, answered from the notes, and put into words with numbers of sources.

use std::ops::ControlFlow;
use std::sync::Arc;

use qsearch::ask::Reply;
use qsearch::hit::{Confidence, Hit};
use qsearch::write::{Event, follow_up};
use qsearch::written::{Support, WrittenSentence};
use serde_json::{Value, json};

use super::super::super::llm::Wish;
use super::super::super::{percent, sanitize};
use super::super::asking::Asked;
use super::super::house::{DEFAULT, House, Index};
use super::super::refusal::Refusal;
use super::completion::{ASKED, Completion, DONE, DOUBT, Label, Shown, Usage, event};
use super::conversation::Conversation;

/// Why most answers end.
const STOP: &str = "stop";
/// What is answered where nothing was asked.
const NOTHING_ASKED: &str = "Nothing was asked.";
/// What is answered where the notes don't seem to.
const NO_ANSWER: &str = "The notes don't seem to answer this.";
/// What stands before the sources that come nearest.
const NEAREST: &str = " What comes nearest:\n";

/// A conversation that waits for its answer.
pub(super) struct Talk {
    pub(super) house: Arc<House>,
    pub(super) index: Arc<Index>,
    pub(super) conversation: Conversation,
    /// Where the server is, as the client sees it.
    pub(super) base: String,
}

/// The answer as far as it is written.
struct Draft<'a> {
    text: String,
    completion: Completion,
    /// Hears each piece.
    say: &'a mut dyn FnMut(&str),
    /// Whether the language model didn't come to the end of it.
    ends_early: bool,
    /// What is to be said behind the notes' own words.
    remark: String,
}

/// An answer.
struct Answer {
    text: String,
    /// Why it ends: `stop`, or `length` where the language model didn't come to its end.
    finish: &'static str,
    annotations: Value,
    usage: Usage,
}

impl Draft<'_> {
    /// Goes on with some text and the ranks of its sources.
    fn push(&mut self, text: &str, support: Support, ranks: &[u32]) {
        let piece = self.completion.push(text, support, ranks);
        self.add(&piece);
    }

    /// Goes on with text that cites nothing.
    fn plain(&mut self, text: &str) {
        self.push(text, Support::Quoted, &[]);
    }

    fn add(&mut self, piece: &str) {
        if !piece.is_empty() {
            self.text.push_str(piece);
            (self.say)(piece);
        }
    }
}

impl Talk {
    /// The answer as one document. `listens` says whether anybody still waits for it.
    pub(super) fn whole(
        &self,
        wish: Option<&Wish>,
        label: &Label,
        listens: &dyn Fn() -> bool,
    ) -> Result<String, Refusal> {
        let answer = self.answer(wish, &mut |_| (), listens)?;
        Ok(format!("{}\n", label.whole(&answer.text, answer.finish, &answer.annotations, answer.usage)))
    }

    /// The answer as events, each handed to `send` as soon as it is there.
    pub(super) fn aloud(
        &self,
        wish: Option<&Wish>,
        label: &Label,
        send: &mut dyn FnMut(String),
        listens: &dyn Fn() -> bool,
    ) {
        send(label.piece(&json!({ "role": "assistant", "content": "" }), None));
        match self.answer(wish, &mut |piece| send(label.piece(&json!({ "content": piece }), None)), listens) {
            Ok(answer) => {
                send(label.piece(&json!({ "annotations": answer.annotations }), None));
                send(label.piece(&json!({}), Some(answer.finish)));
                if self.conversation.counts {
                    send(label.counted(answer.usage));
                }
                send(DONE.to_owned());
            }
            Err(refusal) => send(event(&refusal.openai_document())),
        }
    }

    /// The answer, told piece by piece.
    ///
    /// What is asked is found out first: a question that goes on from what was said is rewritten, and that is told, since it may
    /// be wrong. Where the notes don't seem to answer, the nearest passages follow, and no language model is asked. Else one
    /// writes, if there is one; where nothing remains of that, the notes' own words stand. The list of sources ends it, for
    /// clients that don't read annotations.
    fn answer(
        &self,
        wish: Option<&Wish>,
        say: &mut dyn FnMut(&str),
        listens: &dyn Fn() -> bool,
    ) -> Result<Answer, Refusal> {
        let mut draft = Draft {
            text: String::new(),
            completion: Completion::default(),
            say,
            ends_early: false,
            remark: String::new(),
        };
        let typed = &self.conversation.question;
        if typed.is_empty() {
            draft.plain(NOTHING_ASKED);
            return Ok(Answer {
                text: draft.text,
                finish: STOP,
                annotations: json!([]),
                usage: Usage::default(),
            });
        }
        let whole = self.whole_question(wish, listens);
        if whole != *typed {
            draft.plain(&format!("{ASKED}{})\n\n", sanitize::line(&whole)));
        }
        let mut asked = Asked::about(&self.house, Arc::clone(&self.index), &whole, wish.is_some())?;
        if asked.reply.answer.is_none() {
            nearest(&mut draft, &asked.reply.hits);
        } else if !wish.is_some_and(|wish| self.written(&mut draft, &mut asked, wish, listens)) {
            in_their_own_words(&mut draft, &asked.reply);
            let remark = std::mem::take(&mut draft.remark);
            draft.plain(&remark);
        }
        let show = |hit: &Hit| self.shown(hit);
        let list = draft.completion.list(&asked.reply.hits, &show);
        draft.add(&list);
        let annotations = draft.completion.annotations(&asked.reply.hits, &show);
        let embedder = asked.library.embedder()?;
        let count = |text: &str| embedder.tokens(text).ids.len();
        let said = self.conversation.said.iter().map(|turn| count(&turn.asked) + count(&turn.answer));
        let usage = Usage { prompt: said.sum::<usize>() + count(typed), completion: count(&draft.text) };
        let finish = if draft.ends_early { "length" } else { STOP };
        Ok(Answer { text: draft.text, finish, annotations, usage })
    }

    /// The question that stands by itself in place of one that goes on from what was said.
    fn whole_question(&self, wish: Option<&Wish>, listens: &dyn Fn() -> bool) -> String {
        let Conversation { said, question, .. } = &self.conversation;
        let gone = || !listens();
        let llm = wish.filter(|_| !said.is_empty()).and_then(|wish| self.house.open_llm(wish).ok());
        follow_up(llm.as_deref(), said, question, &gone)
            .or_else(|_| follow_up(None, said, question, &gone))
            .unwrap_or_else(|_| question.clone())
    }

    /// Lets a language model write; says whether anything of it remains.
    fn written(
        &self,
        draft: &mut Draft<'_>,
        asked: &mut Asked,
        wish: &Wish,
        listens: &dyn Fn() -> bool,
    ) -> bool {
        let (mut sentences, mut left_out) = (0, 0);
        let attempt = asked.write(&self.house, wish, &mut |event| {
            match event {
                Event::Sentence(sentence) => {
                    sentences += 1;
                    draft.push(
                        &format!("{}{}", sentence.before, sentence.text),
                        sentence.support,
                        &ranks(sentence),
                    );
                }
                Event::LeftOut => left_out += 1,
                _ => {}
            }
            if listens() && !self.house.is_stopping() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        if sentences > 0 && left_out > 0 {
            let what = if left_out == 1 { "1 sentence" } else { &format!("{left_out} sentences") };
            let verb = if left_out == 1 { "was" } else { "were" };
            draft.plain(&format!("\n\n({what} without a source {verb} left out.)"));
        }
        let attempt = attempt.unwrap_or_default();
        let said = |what: &str| format!("\n\n({what})");
        if let Some(why) = attempt.written.as_ref().and_then(|written| written.broken_off.as_deref()) {
            draft.ends_early = sentences > 0;
            if draft.ends_early {
                draft.plain(&said(&format!("It ends early: {}.", sanitize::line(why))));
            }
        }
        if sentences == 0
            && let Some(why) = &attempt.error
        {
            draft.remark = said(&format!("No language model writes: {}.", sanitize::line(why)));
        }
        sentences > 0
    }

    /// How a source is called, and where it can be seen.
    fn shown(&self, hit: &Hit) -> Shown {
        let source = &hit.source;
        let (path, lines) = (format!("{}/{}", source.root, source.path), source.passage.lines);
        let at = source.passage.place().map_or_else(|| lines.to_string(), |place| place.to_string());
        let index = if self.index.name == DEFAULT {
            String::new()
        } else {
            format!("index={}&", percent::encoded(&self.index.name))
        };
        let url = format!(
            "{}/?{index}note={}&lines={}-{}",
            self.base,
            percent::encoded(&path),
            lines.first,
            lines.last
        );
        let title = source.title.as_deref().map(sanitize::line);
        Shown { url, name: sanitize::line(&format!("{path}:{at}")), title }
    }
}

/// The ranks of the sources of a sentence, each once.
fn ranks(sentence: &WrittenSentence) -> Vec<u32> {
    let mut ranks = Vec::new();
    for cited in &sentence.citations {
        if !ranks.contains(&cited.citation) {
            ranks.push(cited.citation);
        }
    }
    ranks
}

/// Says that the notes don't seem to answer, and what comes nearest.
fn nearest(draft: &mut Draft<'_>, hits: &[Hit]) {
    draft.plain(NO_ANSWER);
    for (at, hit) in hits.iter().enumerate() {
        if at == 0 {
            draft.plain(NEAREST);
        }
        let source = &hit.source;
        let called =
            source.passage.question.as_deref().or_else(|| source.passage.heading.last().map(String::as_str));
        let called = called.or(source.title.as_deref()).unwrap_or(source.path.as_str());
        draft.push(&format!("\n- {}", sanitize::line(called)), Support::Quoted, &[hit.rank]);
    }
}

/// Answers as the notes do.
fn in_their_own_words(draft: &mut Draft<'_>, reply: &Reply) {
    for (at, part) in reply.answer.iter().flat_map(|answer| &answer.parts).enumerate() {
        if at > 0 {
            draft.plain("\n\n");
        }
        draft.push(&part.text, Support::Quoted, &[part.citation]);
    }
    if reply.confidence == Confidence::Low {
        draft.plain(DOUBT);
    }
}
