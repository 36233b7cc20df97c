use super::super::decode::decode;
use super::*;

/// The text as a program writes it that takes its UTF-8 bytes for another encoding.
fn spoiled(text: &str, encoding: &'static Encoding) -> String {
    encoding.decode_without_bom_handling(text.as_bytes()).0.into_owned()
}

fn repaired(text: &str) -> String {
    repair(decode(text.as_bytes().into(), &mut Vec::new())).0.text
}

const TEXTS: [&str; 8] = [
    "an arrow → and a dash – here",
    "it’s “quoted”… 5 € ½",
    "👉 🧠 🏎️ 🟡 done ✅",
    "naïve café, Übergröße, señor, garçon",
    "łódź, žluťoučký kůň",
    "Tiếng Việt",
    "日本語のテキスト、中文",
    "├── src\n│   └── main.rs\r\nend",
];

#[test]
fn windows_1252_is_undone() {
    for text in TEXTS {
        assert_eq!(repaired(&spoiled(text, WINDOWS_1252)), text);
    }
}

#[test]
fn windows_1252_is_undone_when_done_twice() {
    for text in TEXTS {
        let twice = spoiled(&spoiled(text, WINDOWS_1252), WINDOWS_1252);
        assert_eq!(repaired(&twice), text, "{twice}");
    }
}

#[test]
fn cyrillic_is_undone_in_words() {
    for encoding in [WINDOWS_1252, MACINTOSH] {
        assert_eq!(repaired(&spoiled("Привет, мир", encoding)), "Привет, мир");
    }
}

#[test]
fn latin_1_controls_are_undone() {
    let text = "an arrow → and “quotes”";
    let latin1: String = text.bytes().map(char::from).collect();
    assert_eq!(repaired(&latin1), text);
}

#[test]
fn mac_roman_is_undone() {
    for text in [TEXTS[0], TEXTS[1], TEXTS[2], TEXTS[3], TEXTS[6], TEXTS[7]] {
        let shown = spoiled(text, MACINTOSH);
        // `½` is `¬Ω` there, which is a formula as well.
        let text = text.replace('½', "¬Ω");
        assert_eq!(repaired(&shown), text, "{shown}");
    }
    assert_eq!(repaired("\u{f8ff}üß† memory"), "🧠 memory");
}

#[test]
fn real_text_stays() {
    for text in [
        "“quotes”, ‘more’ – and — dashes… • 5 € ™ ® ©",
        "naïve café façade “É” l’été à l’œuvre « où » À l’École",
        "Er rief: „Spaß“, „GRÖSSE“ – ‚Äpfel‘ und ‚Öl‘, Straße…",
        "AMANHÃ” e MANHÃ… «IRMû “São” NÃO, maçã», coração",
        "está», ¿Qué? ¡Olé! él… “ñ” señor™ Málaga®",
        "Fin\u{a0}: «\u{a0}café\u{a0}» 10\u{a0}à\u{a0}été\u{a0}; café»… “Ã”",
        "ÚŽASNÉ, KÔŇ, ŁÓDŹ, ÅŠ, CAFÉ™ ÍŽ",
        "√π ≈ 1.77, ¬Ω, ¬∃x, ∑ ∫ ∞ √2 √(x)",
        "Ð and Þ, Ísland, Ærø, Ångström, Å–Ö",
        "Привет “мир” — да; Ελληνικά; 日本語「テキスト」; عربي",
        "Â in THÉÂTRE, Ã in SÃO, Â or Ã alone",
        "🧠 → already right ├── tree",
        "\u{f8ff} is a logo, \u{f8ff}ü",
    ] {
        assert_eq!(repaired(text), text);
    }
}

#[test]
fn a_repaired_character_maps_to_all_of_its_bytes() {
    let file = "a â†’ b";
    let text = super::super::decode(file.as_bytes());
    assert_eq!(text.as_str(), "a → b");
    let at = text.as_str().find('→').unwrap();
    let span = text.bytes(&(at..at + 3));
    assert_eq!(&file[span.start as usize..span.end as usize], "â†’");
    let span = text.bytes(&(at + 4..at + 5));
    assert_eq!(&file[span.start as usize..span.end as usize], "b");
}
