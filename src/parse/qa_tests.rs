use crate::document::NotePath;
use crate::parse::parse;

/// What a note's units and other sections are: `lines question | content`, or `lines - heading` for the others.
fn check(text: &str, expected: &[&str]) {
    let (document, _) = parse(&NotePath::from_encoded("a.txt"), text.as_bytes());
    let told: Vec<String> = document
        .sections
        .iter()
        .map(|section| {
            let lines = document.text.lines(&section.range);
            let content = document.text.as_str()[section.content.clone()].replace(['\n', '\r', '\u{c}'], "/");
            match &section.question {
                Some(question) => format!("{lines} {question} | {content}"),
                None => format!("{lines} - {}", section.heading.join(" › ")),
            }
        })
        .collect();
    assert_eq!(told, expected, "{text}");
}

#[test]
fn numbered_headings_with_labelled_answers() {
    check(
        "# Birds\n\n## 1. Why do owls turn their heads?\n**Answer:**\nTheir eyes are fixed.  \nSo they turn.\n\n---\n\n\
         ## 2. Name a wader.\n**Answer:** Snipe.\n\n---\n\nA last word.\n",
        &[
            "1-9 Why do owls turn their heads? | Their eyes are fixed.  /So they turn.",
            "10-14 Name a wader. | Snipe.",
            "15 - Birds",
        ],
    );
}

#[test]
fn headings_with_an_indepth_part() {
    check(
        "### 101. What is a nest?\n\"A home.\n\nOf twigs.\"\n\n#### Indepth\nSome are of mud.\n\n---\n\n\
         ### 102. Describe how a nest is built.\n\"Slowly.\"\n\n### 103. What is a clutch?\n\"Eggs.\"\n\n## Rest\nx\n",
        &[
            "1-10 What is a nest? | \"A home.//Of twigs.\"//#### Indepth/Some are of mud.",
            "11-13 Describe how a nest is built. | \"Slowly.\"",
            "14-16 What is a clutch? | \"Eggs.\"",
            "17-18 - Rest",
        ],
    );
}

#[test]
fn an_answer_under_its_own_heading() {
    check(
        "## 📌 Q7: Explain moulting.\n\n### ✅ Answer\n\nFeathers wear.\n\n### QN: Does it hurt?\nNo.\n",
        &["1-6 Explain moulting. | Feathers wear.", "7-8 Does it hurt? | No."],
    );
}

#[test]
fn a_large_answer_is_divided_at_its_headings() {
    let long = "A long story. ".repeat(800);
    check(
        &format!("# What is it?\nA bird.\n## Story\n{long}\n## End\nx\n"),
        &["1-2 What is it? | A bird.", "3-4 - What is it? › Story", "5-6 - What is it? › End"],
    );
}

#[test]
fn numbered_bold_questions_with_indented_answers() {
    check(
        "## Easy\n1.  **Explain `a` and `**b`.**\n    *   *Answer*: One is **bold**.\n2.  **What is C?**\n    *   *Discussion*:\n\
         \x20       *   First.\n        *   **Second?** Yes.\n\n## Hard\nText.\n",
        &[
            "1-3 Explain a and **b. | One is **bold**.",
            "4-8 What is C? | *   First./        *   **Second?** Yes.",
            "9-10 - Hard",
        ],
    );
}

#[test]
fn bullets_with_q_and_a() {
    check(
        "*   **Q: What is a crane?**\n    - *A:* **Tall**.\n*   **Scenario: It rains. What now?**\n    - *A:* Wait.\n\n---\n\nEnd.\n",
        &["1-2 What is a crane? | **Tall**.", "3-7 It rains. What now? | Wait.", "8 - "],
    );
    check(
        "- Q: Why?\n  - A: So.\n\n- Q: And if not?\n  ```\n  code\n  ```\n\nText after it.\n",
        &["1-3 Why? | So.", "4-8 And if not? | ```/  code/  ```", "9 - "],
    );
}

#[test]
fn plain_q_and_a_lines() {
    check(
        "Q: What is a heron\nand where does it live?\nA: A wader.\n\nBy water.\n\n**Q2: Why?**\nA: So.\n**A question?** no\n",
        &[
            "1-6 What is a heron and where does it live? | A wader.//By water.",
            "7-9 Why? | So./**A question?** no",
        ],
    );
    check("What is a rail?\nAnswer: a shy bird\n", &["1-2 What is a rail? | a shy bird"]);
}

#[test]
fn one_line_lists() {
    check(
        "# Quick\n\n21. What is a beak? → a bill  \n22. What is a claw? -> a nail\n- What is down? — soft feathers\n\
         - What is a wing?: an arm\n- **What is a tail?** Feathers.\n\nTip: look up.\n",
        &[
            "1-3 What is a beak? | a bill",
            "4 What is a claw? | a nail",
            "5 What is down? | soft feathers",
            "6 What is a wing? | an arm",
            "7-8 What is a tail? | Feathers.",
            "9 - Quick",
        ],
    );
}

#[test]
fn text_from_a_pdf() {
    check(
        "\n\nFIELD GUIDE\n\nPART 1: Birds\n\nQ1\tWhat is a bird?\nANS\tA <b>dinosaur</b>.\nQ2\tWhy?\nANS\tBones.\n\n\u{c}\n\n\
         ```\ncode\n```\n\nQ15**What is <code>flight</code>?****ANS**\n\nLift.\n\n\n\nAnd thrust.\n\n⚡ SONGS & CALLS\n\n\
         Q20\n\nWhat is a song?\n\nANS\n\nA sound.\n\nLong.\n",
        &[
            "1-8 What is a bird? | A <b>dinosaur</b>.",
            "9-17 Why? | Bones.//\u{c}//```/code/```".replace('\u{c}', "/").as_str(),
            "18-25 What is flight? | Lift.////And thrust.",
            "26-36 What is a song? | A sound.//Long.",
        ],
    );
}

#[test]
fn bold_lines_that_ask() {
    check(
        "## Waders\n\n**What is a snipe? 👶**\n\nA bird.\n\n1. **Long** bill\n\n**How does it fly?** ⭐\nZigzag.\n",
        &["1-8 What is a snipe? | A bird.//1. **Long** bill", "9-10 How does it fly? | Zigzag."],
    );
}

#[test]
fn html_details() {
    check(
        "<details>\n<summary>What is a lek?</summary>\n\nA dance.\n\n</details>\nAfter.\n<details><summary>More</summary>x</details>\n",
        &["1-6 What is a lek? | A dance.", "7-8 - "],
    );
}

#[test]
fn prose_opens_nothing() {
    for text in [
        "Is that so? Yes: it is. Q3 was good. What now? → nothing.\n",
        "- Why? → because\n- **Note:** is it? Yes.\n- Q1: What is A?\n- Q2: What is B?\n\nText.\n",
        "**Why?** Because.\n\n*   *Why?* So.\n\nSound familiar?\n\nText.\n",
        "1. What is A?\n2. What is B?\n\n**Bold**\n\nA. first\nB. second\n",
        "```\nQ: What is it?\nA: code\n```\n",
        "**Q: Nobody answers?**\n",
    ] {
        let (document, _) = parse(&NotePath::from_encoded("a.md"), text.as_bytes());
        let questions: Vec<_> =
            document.sections.iter().filter_map(|section| section.question.as_ref()).collect();
        assert!(questions.is_empty(), "{questions:?}");
    }
}

#[test]
fn quarters_and_scenarios_are_headings() {
    check(
        "# Q1 planning\n\nHire.\n\n# Q2: launch\nShip.\n\n# Q3\nRest.\n\n# Scenario 2 – flood\nOpen.\n\n# Q10 enzyme\nFood.\n",
        &[
            "1-4 - Q1 planning",
            "5-7 - Q2: launch",
            "8-10 - Q3",
            "11-13 - Scenario 2 – flood",
            "14-15 - Q10 enzyme",
        ],
    );
    check("**Q1**\n\nHire a designer.\n\nMove.\n", &["1-5 - "]);
    check("**Q1: hire**\nA designer.\n\nQ3 goals\n\nShip it.\n", &["1-6 - "]);
    check(
        "## Scenario 3: how would you react?\nSlowly.\n## Q2: launch\n**Answer:** In May.\n## Q12. Moulting\nx\n",
        &["1-2 how would you react? | Slowly.", "3-4 launch | In May.", "5-6 Moulting | x"],
    );
    check("Q1\n\nWhat is a bird?\n\nA dinosaur.\n", &["1-5 What is a bird? | A dinosaur."]);
}

#[test]
fn an_a_is_an_answer_to_what_asks() {
    check("What does it do?\n\nA: By day.\n", &["1-3 What does it do? | By day."]);
    check("## What does it do?\nA: By day.\n", &["1-2 What does it do? | By day."]);
    check("## Q: Name a wader\nA: Snipe.\n", &["1-2 Name a wader | Snipe."]);
    check("# Class sizes\n\nA: 12 pupils\nB: 14 pupils\n", &["1-4 - Class sizes"]);
    check("# Class 4\n\nA: 12 pupils\n", &["1-3 - Class 4"]);
    check("# Drives\n\nA:\\photos\n", &["1-3 - Drives"]);
    check("Which drive is it?\n\nA:\\photos\n", &["1-3 - "]);
    check("- Class 4\n  A: 12 pupils\n", &["1-2 - "]);
    check("Which of these is it?\nA: a bird\nB: a fish\n", &["1-3 - "]);
    check("# Results\n\n# Discussion\nText.\n", &["1-2 - Results", "3-4 - Discussion"]);
}

#[test]
fn notes_in_other_languages_have_questions() {
    check(
        "# Vögel\n\nFrage: Warum drehen Eulen den Kopf?\nAntwort: Ihre Augen sind fest.\n\nF: Wo brüten sie?\nA: In Höhlen.\n",
        &["1-5 Warum drehen Eulen den Kopf? | Ihre Augen sind fest.", "6-7 Wo brüten sie? | In Höhlen."],
    );
    check(
        "P: ¿Qué come la lechuza?\nR: Ratones.\n\nP2: ¿Dónde vive?\nEn España.\nR2: En graneros.\n",
        &["1-3 ¿Qué come la lechuza? | Ratones.", "4-6 ¿Dónde vive? En España. | En graneros."],
    );
    check(
        "## Question : Que mange la chouette ?\n\n**Réponse :** Des souris.\n",
        &["1-3 Que mange la chouette ? | Des souris."],
    );
    check("D: Che cosa mangia il gufo? R: Topi.\n", &["1 Che cosa mangia il gufo? | Topi."]);
    check(
        "- Вопрос: что ест сова?\n  - Ответ: мышей.\n- В: Где она живёт?\n  О: В лесу.\n",
        &["1-2 что ест сова? | мышей.", "3-4 Где она живёт? | В лесу."],
    );
    check(
        "# 鸟\n\n问：猫头鹰吃什么？\n答：老鼠。\n\n问题2：它住在哪里？答：森林。\n",
        &["1-5 猫头鹰吃什么？ | 老鼠。", "6 它住在哪里？ | 森林。"],
    );
    check("## フクロウは何を食べますか\nネズミです。\n", &["1-2 フクロウは何を食べますか | ネズミです。"]);
    check("- フクロウはどこに住んでいますか？ → 森\n", &["1 フクロウはどこに住んでいますか？ | 森"]);
    check("질문: 올빼미는 무엇을 먹나요?\n답변: 쥐.\n", &["1-2 올빼미는 무엇을 먹나요? | 쥐."]);
    check("س: ماذا تأكل البومة؟\nج: الفئران.\n", &["1-2 ماذا تأكل البومة؟ | الفئران."]);
    check("प्रश्न: उल्लू क्या खाता है?\nउत्तर: चूहे।\n", &["1-2 उल्लू क्या खाता है? | चूहे।"]);
    check("Vraag: Wat eet de uil?\nAntwoord: Muizen.\n", &["1-2 Wat eet de uil? | Muizen."]);
    check("Pytanie 1. Co je sowa?\nOdpowiedź: Myszy.\n", &["1-2 Co je sowa? | Myszy."]);
    check("S: Baykuş ne yer?\nC: Fare.\n", &["1-2 Baykuş ne yer? | Fare."]);
    check("**什么是猫头鹰？**\n一种鸟。\n", &["1-2 什么是猫头鹰？ | 一种鸟。"]);
}

#[test]
fn letters_in_ordinary_lists_are_no_labels() {
    for text in [
        "P: presión\nR: resistencia\nV: volumen\n",
        "- F: Kraft\n- A: Fläche\n- S: Strecke\n",
        "D: 12 mm\nR: 6 mm\n",
        "P: precio\nQ: cantidad\nR: renta\n",
        "В: 20 кг\nО: 30 кг\n",
        "P: ¿precio?\nQ: cantidad\n",
        "V: ja\nA: nein\n",
    ] {
        let (document, _) = parse(&NotePath::from_encoded("a.md"), text.as_bytes());
        assert!(document.sections.iter().all(|section| section.question.is_none()), "{text}");
    }
}
