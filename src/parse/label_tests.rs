use proptest::prelude::*;

use super::*;

#[test]
fn questions_are_told_by_their_label() {
    for (line, rest) in [
        ("Q: Why so?", "Why so?"),
        ("**Q12. Why so?**", "Why so?**"),
        ("Q7\tWhy so?", "Why so?"),
        ("Q15**Why so?****ANS**", "Why so?****ANS**"),
        ("*   **Scenario: It is slow.**", "It is slow.**"),
        ("Question 3 - Why so?", "Why so?"),
        ("📌 QN: Why so?", "Why so?"),
        ("Q20", ""),
        ("Q1: What is it?", "What is it?"),
        ("**Q3** Why so?", "Why so?"),
        ("Q2 Explain moulting.", "Explain moulting."),
        ("Scenario 3: how would you react?", "how would you react?"),
    ] {
        assert_eq!(question(line), Some(rest), "{line}");
    }
    for line in [
        "Quick notes",
        "Q3.5 is out",
        "Questions: many",
        "Queue: a list",
        "Q and A",
        "scenario planning",
        "Q1 planning",
        "Q1 2024",
        "Q4 FY25 results",
        "Q1/Q2 review",
        "Q3 & Q4",
        "Q1 (Jan–Mar)",
        "Q10 enzyme",
        "Q7 chords",
        "Scenario 2 flood",
        "Question time",
        "Question 3 of the day",
    ] {
        assert_eq!(question(line), None, "{line}");
    }
}

#[test]
fn quarters_and_scenarios_may_be_no_questions() {
    for line in [
        "Q1",
        "**Q2**",
        "Q1: launch",
        "Q3 – goals",
        "Q4 - hiring",
        "Q2) ship",
        "Scenario 2 – flood",
        "Scenario: flood",
        "- **Q1: Revenue**",
    ] {
        assert!(is_ambiguous(line), "{line}");
    }
    for line in
        ["Q1: Why?", "Q12: moulting", "Q5", "Q: launch", "Scenario 1: What now?", "Q2: explain it", "Q1 2024"]
    {
        assert!(!is_ambiguous(line), "{line}");
    }
}

#[test]
fn answers_are_told_by_their_label() {
    for (line, rest) in [
        ("A: yes", "yes"),
        ("    - *A:* **Bold** yes", "**Bold** yes"),
        ("**Answer:** yes", "yes"),
        ("*Discussion*:", ""),
        ("ANS\tyes", "yes"),
        ("ANS", ""),
        ("**Ans.** yes", "yes"),
        ("### ✅ Answer".trim_start_matches('#'), ""),
        ("A1. yes", "yes"),
    ] {
        assert_eq!(answer(line), Some(rest), "{line}");
    }
    for line in [
        "A list of things",
        "Answer the phone",
        "A",
        "a: b",
        "An answer",
        "Solutions: two",
        "A. first option",
        "A:\\photos",
        "A:/photos",
        "Answer key",
        "Solution architecture",
        "Discussion with Kim",
    ] {
        assert_eq!(answer(line), None, "{line}");
    }
}

#[test]
fn one_line_questions_split_at_a_separator() {
    for item in
        ["What is X? → it", "What is X?** -> it", "What is X? => it", "What is X? — it", "What is X?: it"]
    {
        assert_eq!(one_line(item), Some(("What is X?", "it")), "{item}");
    }
    assert_eq!(one_line("What is X → it"), Some(("What is X ", "it")));
    assert_eq!(one_line("What is `a?b` == \"c\"? → it").unwrap().1, "it");
    for item in ["X → it", "What? No: it", "[Who is it? — Part 2](a.md)", "What is X? →", "Is it? Yes."]
    {
        assert_eq!(one_line(item), None, "{item}");
    }
}

#[test]
fn questions_are_cleaned() {
    for (plain, question) in [
        ("27. What is X?", "What is X?"),
        ("📌 Q1: What is X? 👶", "What is X?"),
        ("1) What is X? [src]", "What is X?"),
        ("__init__ or __new__?", "__init__ or __new__?"),
        ("2024 in review?", "2024 in review?"),
        ("Q20", "Q20"),
    ] {
        assert_eq!(clean(plain), question);
    }
}

#[test]
fn bold_ends_outside_of_code() {
    assert_eq!(bold("**What are `*a` and `**b`?**"), Some(("What are `*a` and `**b`?", "")));
    assert_eq!(bold("**Why?** so"), Some(("Why?", "so")));
    assert_eq!(bold("**open"), None);
    assert_eq!(bold("****"), None);
}

#[test]
fn labels_in_other_languages_are_told() {
    for (line, rest) in [
        ("Frage: Warum?", "Warum?"),
        ("**Frage 3:** Warum?", "Warum?"),
        ("FRAGE 3: Warum?", "Warum?"),
        ("Pregunta 12. ¿Por qué?", "¿Por qué?"),
        ("- Domanda: perché?", "perché?"),
        ("Otázka: proč?", "proč?"),
        ("Вопрос №3: почему?", "почему?"),
        ("ВОПРОС: почему?", "почему?"),
        ("Вопрос 3 почему так", "почему так"),
        ("Soru 2) Neden?", "Neden?"),
        ("السؤال ٣: لماذا؟", "لماذا؟"),
        ("प्रश्न १: क्यों?", "क्यों?"),
        ("问：为什么？", "为什么？"),
        ("问题1：为什么？", "为什么？"),
        ("问题一、为什么？", "为什么？"),
        ("第3問：なぜ？", "なぜ？"),
        ("質問１ なぜ", "なぜ"),
        ("질문: 왜?", "왜?"),
        ("Câu hỏi 1: Tại sao?", "Tại sao?"),
        ("Q：为什么？", "为什么？"),
        ("Q1、为什么？", "为什么？"),
    ] {
        assert_eq!(question(line), Some(rest), "{line}");
    }
    for line in [
        "Fragen: viele",
        "Frage des Tages",
        "问一下他",
        "问题很多",
        "第3题目",
        "Вопросы: много",
        "Sorun: yok",
    ] {
        assert_eq!(question(line), None, "{line}");
    }
    for (line, rest) in [
        ("Antwort: ja", "ja"),
        ("**Antwort 3:** ja", "ja"),
        ("Lösung", ""),
        ("RESPUESTA: sí", "sí"),
        ("Réponse : oui", "oui"),
        ("Ответ: да", "да"),
        ("Odpowiedź: tak", "tak"),
        ("الجواب: نعم", "نعم"),
        ("उत्तर: हाँ", "हाँ"),
        ("答：是", "是"),
        ("答案1：是", "是"),
        ("答え：はい", "はい"),
        ("답: 네", "네"),
        ("Trả lời: có", "có"),
        ("A：是", "是"),
    ] {
        assert_eq!(answer(line), Some(rest), "{line}");
    }
    for line in ["Antworten: viele", "Antwort folgt", "答应了", "Ответы", "Svart: nej"] {
        assert_eq!(answer(line), None, "{line}");
    }
}

#[test]
fn letters_are_labels_before_a_colon() {
    for (line, letters, rest) in [
        ("P: ¿Qué es?", "r o", "¿Qué es?"),
        ("- **P3:** ¿Qué es?", "r o", "¿Qué es?"),
        ("В: Что это?", "о", "Что это?"),
        ("F 2: Was?", "a s", "Was?"),
        ("س: ما هو؟", "ج", "ما هو؟"),
        ("प्र. १: क्या?", "उ", "क्या?"),
        ("ש: מה?", "ת", "מה?"),
    ] {
        assert_eq!(lettered(line), Some((letters, rest)), "{line}");
    }
    for line in ["p: x", "P x", "Pa: x", "X: y", "D:\\photos", "D:/photos", "P", "", ":", "P12345: x"] {
        assert_eq!(lettered(line), None, "{line}");
    }
    assert_eq!(lettered_answer("R: un ave", "r o"), Some("un ave"));
    assert_eq!(lettered_answer("**О2:** птица", "о"), Some("птица"));
    assert_eq!(lettered_answer("S: ave", "r o"), None);
    assert_eq!(inline_letter("¿Qué es? R: un ave", "r o"), Some(("¿Qué es? ", "un ave")));
    assert_eq!(inline_letter("Qué tal: un ave", "r o"), None);
    assert_eq!(inline_answer("什么是鸟？答：动物"), Some(("什么是鸟？", "动物")));
    assert_eq!(inline_answer("Was ist das? Antwort: ein Tier"), Some(("Was ist das? ", "ein Tier")));
    assert_eq!(inline_answer("Antwort: ein Tier"), None);
}

#[test]
fn questions_in_other_languages_ask() {
    for text in [
        "¿Qué es?",
        "ما هذا؟",
        "这是什么？",
        "鳥とは何ですか",
        "鳥とは何ですか。",
        "새는 무엇입니까",
        "„Was ist das?“",
        "« Quoi ? »",
    ] {
        assert!(asks(text), "{text}");
    }
    for text in ["静か", "鳥です。", "¡Qué bien!"] {
        assert!(!asks(text), "{text}");
    }
    assert_eq!(one_line("什么是鸟？ → 动物"), Some(("什么是鸟？", "动物")));
    assert_eq!(one_line("为什么下雨 → 云"), Some(("为什么下雨 ", "云")));
    assert_eq!(one_line("Was ist ein Vogel → ein Tier"), Some(("Was ist ein Vogel ", "ein Tier")));
    assert_eq!(one_line("was red → is green"), None);
    assert_eq!(one_line("ما البومة؟ — طائر"), Some(("ما البومة؟", "طائر")));
}

#[test]
fn numbers_in_other_digits_are_numbers() {
    for (line, rest) in [
        ("１．概要", "概要"),
        ("一、概要", "概要"),
        ("（２）概要", "概要"),
        ("٣. مقدمة", "مقدمة"),
        ("3、概要", "概要"),
    ] {
        assert_eq!(numbered(line), Some(rest), "{line}");
    }
    for line in ["3.5 GB", "一個", "十二月", "3.x", "2024年"] {
        assert_eq!(numbered(line), None, "{line}");
    }
}

proptest! {
    #[test]
    fn labels_are_read_in_any_line(
        line in "\\PC*|(Frage|Antwort|P|R|В|О|问|答|प्र|第|제|[0-9٣一]{1,3}|[:：.、)*_ ?？؟-]){0,9}"
    ) {
        let is_slice = |part: &str| {
            let (whole, part) = (line.as_bytes().as_ptr_range(), part.as_bytes().as_ptr_range());
            whole.start <= part.start && part.end <= whole.end
        };
        let answers = ["r o", "a s", "о"].map(|letters| lettered_answer(&line, letters));
        let questions = [question(&line), answer(&line), lettered(&line).map(|(_, rest)| rest), numbered(&line)];
        for part in answers.into_iter().chain(questions).flatten() {
            prop_assert!(is_slice(part));
        }
        let inline = [inline_answer(&line), inline_letter(&line, "r о ج"), one_line(&line), bold(&line)];
        for (before, after) in inline.into_iter().flatten() {
            prop_assert!(is_slice(before) && is_slice(after) && before.as_ptr() <= after.as_ptr());
        }
        prop_assert!(is_slice(clean(&line)));
        let _ = (asks(&line), seems_to_ask(&line));
    }
}
