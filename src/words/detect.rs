//! In which language is a text? Told by the scripts of its letters and by its stop words.
//!
//! Most words of a text are its language's stop words: some four in ten in English, German or French, two in ten where
//! endings say what others say by little words. So a few hundred words tell, and names, quotes and terms of other languages
//! don't. Where little is there to go by, a text is English: in an English index nothing may depend on a guess.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use super::fold::push_folded;
use super::language::{COUNT, Language, Script};

/// A text with more bytes is judged by [`PIECES`] of it, evenly spread, which have so many together.
const MOST_BYTES: usize = 4096;
/// So many pieces of a long text are looked at.
const PIECES: usize = 8;
/// A text with so many words must have [`FEW`] and one more different stop words of a language.
const LONG: u32 = 20;
/// The fewest different stop words by which a short text is in a language.
const FEW: usize = 2;
/// A text in a language has at least one stop word of it among so many words.
const RARELY: u32 = 20;
/// A text in a language has more than so many times as many of its stop words as of English ones: what is quoted in an
/// English text doesn't reach that.
const CLEARLY: u32 = 2;
/// The letters of English text in which one stop word stands.
const LETTERS_PER_STOP_WORD: u32 = 11;
/// The fewest letters, weighed, by which a text is in a script.
const FEWEST_LETTERS: u32 = 4;
/// One of so many letters must be of the script.
const LEAST_SHARE: u32 = 4;
/// How many letters of others a character of Chinese stands for, and a syllable of Korean or Japanese.
const HAN: u32 = 3;
const SYLLABLE: u32 = 2;
/// How many scripts there are.
const SCRIPTS: usize = Script::Hangul as usize + 1;

impl Language {
    /// The language of a text: that of most of it, and English when in doubt.
    ///
    /// A long text is judged by some of its pieces, so it takes no longer than a page. Code, paths and addresses within the
    /// text say nothing; whoever has blocks of code apart leaves them out.
    pub fn of(text: &str) -> Self {
        let evidence = Evidence::of(text);
        evidence.script().map_or_else(|| evidence.of_latin(), |script| evidence.within(script))
    }

    /// The language of a question, one of some: where there are few words, a single stop word tells, but not beside a word or
    /// two, for that may be an English one ("war crimes", "die casting"). English, if no other has more of its words than
    /// English has.
    pub fn asked(question: &str, among: &[Self]) -> Self {
        if among.iter().all(|language| *language == Self::English) {
            return Self::English;
        }
        let evidence = Evidence::of(question);
        let found = if let Some(script) = evidence.script() {
            evidence.within(script)
        } else {
            let likeliest = evidence.likeliest(|language| among.contains(&language));
            likeliest.filter(|language| !evidence.is_slight(*language)).unwrap_or_default()
        };
        if among.contains(&found) { found } else { Self::English }
    }
}

/// What a text says of its language.
///
/// Single letters stand in tables, formulas and lists, and words with capitals in the midst of a sentence are names, so
/// neither counts as a stop word. Those that English has, too, speak for no other language.
struct Evidence {
    /// The letters of each script, weighed.
    letters: [u32; SCRIPTS],
    /// How many words in Latin letters there are.
    words: u32,
    /// How many of them are stop words of each language. A single letter is none.
    hits: [u32; COUNT],
    /// How many of these are English, too.
    shared: [u32; COUNT],
    /// Which stop words of each language there are that aren't English.
    different: [BTreeSet<&'static str>; COUNT],
    /// How many words have letters of each language that most others don't have.
    marked: [u32; COUNT],
    /// Letters of Ukrainian that Russian doesn't have, and of Persian that Arabic doesn't have, less those of the other one.
    ukrainian: i32,
    persian: i32,
}

impl Evidence {
    /// Reads a text, or some pieces of it.
    fn of(text: &str) -> Self {
        let mut evidence = Self {
            letters: [0; SCRIPTS],
            words: 0,
            hits: [0; COUNT],
            shared: [0; COUNT],
            different: [const { BTreeSet::new() }; COUNT],
            marked: [0; COUNT],
            ukrainian: 0,
            persian: 0,
        };
        for line in pieces(text).flat_map(str::lines) {
            let mut begins = true;
            for written in line.split_whitespace() {
                evidence.read(written, begins);
                begins = written.ends_with(['.', '?', '!', ':'])
                    || (begins && !written.contains(char::is_alphanumeric));
            }
        }
        evidence
    }

    /// Reads what stands between two blanks, and whether it begins a sentence.
    fn read(&mut self, written: &str, begins: bool) {
        for c in written.chars() {
            match Script::of(c) {
                None | Some(Script::Latin) => {}
                Some(script) => self.letters[script as usize] += weight(script),
            }
            match c {
                'і' | 'ї' | 'є' | 'ґ' | 'І' | 'Ї' | 'Є' | 'Ґ' => self.ukrainian += 1,
                'ы' | 'э' | 'ъ' | 'ё' | 'Ы' | 'Э' | 'Ъ' | 'Ё' => self.ukrainian -= 1,
                'پ' | 'چ' | 'ژ' | 'گ' | 'ک' | 'ی' => self.persian += 1,
                'ي' | 'ك' | 'ة' | 'ى' | 'أ' | 'إ' => self.persian -= 1,
                _ => {}
            }
        }
        // What has other signs within it is code, a path or an address.
        let word = written.trim_matches(|c: char| !c.is_alphanumeric());
        let joins = |c: char| matches!(c, '\'' | '\u{2019}' | '-' | '\u{2010}' | '\u{2011}');
        if word.chars().any(|c| !joins(c) && Script::of(c) != Some(Script::Latin) && !is_accent(c)) {
            return;
        }
        word.split(joins).filter(|part| !part.is_empty()).for_each(|part| self.word(part, begins));
    }

    /// Counts a word in Latin letters. One that has a capital where no sentence begins is a name or a part of one: in
    /// `Los Angeles` there is no article.
    fn word(&mut self, word: &str, begins: bool) {
        self.words += 1;
        self.letters[Script::Latin as usize] += word.chars().count() as u32;
        let mut folded = String::new();
        push_folded(&mut folded, word);
        if !word.is_ascii() {
            for language in marks(word).iter().filter(|language| !language.is_stop_word(&folded)) {
                self.marked[*language as usize] += 1;
            }
        }
        if folded.chars().nth(1).is_none() || (!begins && word.starts_with(char::is_uppercase)) {
            return;
        }
        let Some((&folded, &languages)) = latin_stop_words().get_key_value(folded.as_str()) else { return };
        let is_english = languages & 1 != 0;
        for language in (0..COUNT).filter(|language| languages >> language & 1 != 0) {
            self.hits[language] += 1;
            if is_english {
                self.shared[language] += 1;
            } else {
                self.different[language].insert(folded);
            }
        }
    }

    /// The script other than Latin that most of the text is in. Letters in Latin script count as text as far as there are
    /// stop words with them: what remains are names and code, which stand in notes of any language.
    fn script(&self) -> Option<Script> {
        const OTHERS: [Script; 9] = [
            Script::Cyrillic,
            Script::Greek,
            Script::Arabic,
            Script::Hebrew,
            Script::Devanagari,
            Script::Bengali,
            Script::Tamil,
            Script::Thai,
            Script::Hangul,
        ];
        let of = |script: Script| self.letters[script as usize];
        let (kana, han) = (of(Script::Kana), of(Script::Han));
        // In Japanese, syllables stand between the characters.
        let eastern = if kana * 10 > han { Script::Kana } else { Script::Han };
        let others = OTHERS.map(|script| (of(script), script)).into_iter().chain([(kana + han, eastern)]);
        let (letters, script) = others.rev().max_by_key(|(letters, _)| *letters)?;
        let stop_words = self.hits.iter().copied().max().unwrap_or(0);
        let latin = of(Script::Latin);
        let text = latin.min(stop_words * LETTERS_PER_STOP_WORD);
        let is_most = letters > text && letters * LEAST_SHARE >= latin + letters;
        (letters >= FEWEST_LETTERS && is_most).then_some(script)
    }

    /// The language of text in a script other than Latin.
    fn within(&self, script: Script) -> Language {
        match script {
            Script::Cyrillic if self.ukrainian > 0 => Language::Ukrainian,
            Script::Arabic if self.persian > 0 => Language::Persian,
            _ => Language::all().find(|language| language.script() == script).unwrap_or_default(),
        }
    }

    /// The language of text in Latin letters, English when in doubt.
    fn of_latin(&self) -> Language {
        let is_sure = |language: &Language| {
            let (hits, shared) = (self.hits[*language as usize], self.shared[*language as usize]);
            let different = &self.different[*language as usize];
            // A row of abbreviations may have many words of two letters.
            let is_word = |word: &&str| word.chars().nth(2).is_some();
            let mut enough = FEW + usize::from(self.words >= LONG);
            if self.marked[*language as usize] > 0 && self.words < LONG {
                enough -= 1;
            }
            different.len() >= enough
                && different.iter().any(is_word)
                && hits * RARELY >= self.words
                && hits - shared > (self.hits[0] - shared) * CLEARLY
        };
        self.likeliest(|_| true).filter(is_sure).unwrap_or_default()
    }

    /// The language that has the most stop words, then the most of its letters; none, if English has as many stop words.
    fn likeliest(&self, may_be: impl Fn(Language) -> bool) -> Option<Language> {
        let score = |language: Language| {
            let (hits, marked) = (self.hits[language as usize], self.marked[language as usize]);
            2 * hits + marked
        };
        let others = Language::all().filter(|language| *language != Language::English && may_be(*language));
        // Of equals the last is taken, so the first comes last.
        let best = others.collect::<Vec<_>>().into_iter().rev().max_by_key(|language| score(*language))?;
        (score(best) > 2 * self.hits[0]).then_some(best)
    }
}

impl Evidence {
    /// Whether a text of two or three words has no more of a language than a single stop word.
    fn is_slight(&self, language: Language) -> bool {
        let at = language as usize;
        self.words <= 3 && self.hits[at] == 1 && self.marked[at] == 0
    }
}

/// The languages in Latin letters that have a stop word, each a bit; that of English is the lowest.
fn latin_stop_words() -> &'static HashMap<&'static str, u64> {
    /// More than all lists have together.
    const MOST: usize = 3000;
    static WORDS: LazyLock<HashMap<&str, u64>> = LazyLock::new(|| {
        let mut words = HashMap::with_capacity(MOST);
        for language in Language::all().filter(|language| language.script() == Script::Latin) {
            for word in language.stop_words() {
                *words.entry(word).or_default() |= 1 << language as u64;
            }
        }
        words
    });
    &WORDS
}

/// The pieces of a text that are looked at.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let (count, length) =
        if text.len() <= MOST_BYTES { (1, text.len()) } else { (PIECES, MOST_BYTES / PIECES) };
    (0..count).map(move |piece| {
        let start = text.floor_char_boundary(piece * (text.len() / count));
        &text[start..text.floor_char_boundary(start + length)]
    })
}

/// How many letters of Latin script a letter stands for.
fn weight(script: Script) -> u32 {
    match script {
        Script::Han => HAN,
        Script::Kana | Script::Hangul => SYLLABLE,
        _ => 1,
    }
}

/// An accent that is a character of its own.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// The languages one of whose letters a word has, if few have it.
fn marks(word: &str) -> &'static [Language] {
    use Language::{
        Catalan, Czech, Danish, Dutch, Finnish, French, German, Hungarian, Italian, Norwegian, Polish,
        Portuguese, Romanian, Spanish, Swedish, Turkish, Vietnamese,
    };
    let of = |c: char| -> &'static [Language] {
        match c {
            'ß' => &[German],
            'ñ' => &[Spanish],
            'ã' | 'õ' => &[Portuguese],
            'å' => &[Swedish, Danish, Norwegian],
            'ø' | 'æ' => &[Danish, Norwegian],
            'ő' | 'ű' => &[Hungarian],
            'ł' | 'ą' | 'ę' | 'ż' | 'ź' | 'ś' | 'ć' | 'ń' => &[Polish],
            'ř' | 'ě' | 'ů' | 'ť' | 'ď' | 'č' | 'š' | 'ž' => &[Czech],
            'ș' | 'ț' | 'ţ' | 'ă' => &[Romanian],
            'ğ' | 'ı' | 'ş' => &[Turkish],
            'ơ' | 'ư' | 'đ' | '\u{1ea0}'..='\u{1ef9}' => &[Vietnamese],
            'ä' => &[German, Swedish, Finnish],
            'ö' => &[German, Swedish, Finnish, Hungarian, Turkish],
            'ü' => &[German, Turkish, Hungarian],
            'ê' | 'û' | 'î' | 'œ' => &[French],
            'ç' => &[French, Portuguese, Turkish, Catalan],
            'è' | 'à' => &[French, Italian, Catalan],
            'ò' | 'ù' | 'ì' => &[Italian, Catalan],
            'ë' => &[Dutch, French],
            _ => &[],
        }
    };
    word.chars().flat_map(char::to_lowercase).map(of).find(|languages| !languages.is_empty()).unwrap_or(&[])
}

#[cfg(test)]
#[path = "detect_tests.rs"]
mod tests;
