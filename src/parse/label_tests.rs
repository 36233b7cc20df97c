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
