//! Words of other languages than English by which people mark questions, answers, parts and properties of their notes.
//!
//! German, French, Spanish, Portuguese, Italian, Dutch, Swedish, Danish, Norwegian, Finnish, Polish, Czech, Hungarian,
//! Romanian, Turkish, Greek, Russian, Ukrainian, Arabic, Persian, Hebrew, Hindi, Bengali, Indonesian, Vietnamese, Thai,
//! Chinese, Japanese and Korean. All are in lower case. Words that English text has in their place are left out.

/// Words that introduce a question, if a number or a separator follows.
#[rustfmt::skip]
pub(super) const QUESTION_WORDS: &[&str] = &[
    "frage", "pregunta", "pergunta", "domanda", "vraag", "fråga", "spørgsmål", "spørsmål", "kysymys",
    "pytanie", "otázka", "kérdés", "întrebare", "soru", "ερώτηση", "вопрос", "питання", "въпрос", "سؤال",
    "السؤال", "پرسش", "שאלה", "प्रश्न", "सवाल", "প্রশ্ন", "pertanyaan", "câu hỏi", "hỏi", "คำถาม", "ถาม",
    "问题", "問題", "提问", "提問", "質問", "設問", "問い", "问", "問", "질문", "문제", "문",
];

/// Words that introduce an answer, if a separator follows or nothing.
#[rustfmt::skip]
pub(super) const ANSWER_WORDS: &[&str] = &[
    "antwort", "lösung", "loesung", "respuesta", "solución", "réponse", "reponse", "resposta", "solução",
    "risposta", "soluzione", "antwoord", "oplossing", "svar", "lösning", "vastaus", "odpowiedź",
    "odpowiedz", "rozwiązanie", "odpověď", "řešení", "válasz", "megoldás", "răspuns", "raspuns", "cevap",
    "yanıt", "çözüm", "απάντηση", "ответ", "решение", "відповідь", "отговор", "جواب", "الجواب", "إجابة",
    "الإجابة", "پاسخ", "תשובה", "उत्तर", "जवाब", "উত্তর", "jawaban", "jawab", "đáp", "trả lời", "đáp án",
    "คำตอบ", "ตอบ", "答案", "回答", "解答", "答え", "答", "답변", "정답", "답",
];

/// Letters that stand for both: before a question, and before the answers that may go with it. One alone is an item of
/// some list, and so are both before what doesn't ask.
///
/// French and Romanian have `Q` and `Î`, Spanish and Portuguese `P`, Italian `D`; then German, Dutch, Swedish, Polish,
/// Turkish, Finnish and Hungarian, Indonesian, Vietnamese, Greek, Russian, Ukrainian, Arabic and Persian, Hebrew, Hindi.
const LETTERS: [(&str, &str); 18] = [
    ("q", "r"),
    ("î", "r"),
    ("p", "r o"),
    ("d", "r"),
    ("f", "a s"),
    ("v", "a"),
    ("s", "c a"),
    ("sp", "sv"),
    ("k", "v"),
    ("t", "j"),
    ("h", "đ"),
    ("ε", "α"),
    ("в", "о"),
    ("п", "в"),
    ("س", "ج"),
    ("ש", "ת"),
    ("प्र", "उ"),
    ("प्र०", "उ०"),
];

/// Words that begin what asks or is to be answered, without a question mark, too. Where a word may be an English one, it
/// takes the next one with it.
#[rustfmt::skip]
pub(super) const INTERROGATIVES: &[&str] = &[
    "was ist", "was sind", "was bedeutet", "was macht", "wie", "warum", "wieso", "weshalb", "wer ist",
    "welche", "welcher", "welches", "wann", "wo ist", "erkläre", "erklären sie", "beschreibe", "nenne",
    "nennen sie", "definiere", "qué", "que es", "por qué", "cómo", "como", "cuál", "cuáles", "cuándo",
    "dónde", "quién", "explica", "explique", "define qué", "qu'est-ce", "qu’est-ce", "pourquoi",
    "comment est", "comment fonctionne", "quel", "quelle", "quels", "quelles", "quand", "décris",
    "décrivez", "définis", "définissez", "expliquez", "o que", "por que", "porque", "qual", "quais",
    "quando", "onde", "quem", "defina", "descreva", "che cosa", "cosa è", "cos'è", "cos’è", "perché",
    "quale", "quali", "spiega", "descrivi", "definisci", "wat is", "wat zijn", "waarom", "welke",
    "wanneer", "leg uit", "beschrijf", "vad är", "varför", "vilken", "vilka", "förklara", "hvad er",
    "hvorfor", "hva er", "mikä", "miksi", "miten", "co to", "czym jest", "dlaczego", "jak", "który",
    "która", "wyjaśnij", "opisz", "jaký", "proč", "mi az", "miért", "hogyan", "ce este", "de ce", "nedir",
    "neden", "nasıl", "hangi", "açıkla", "τι", "γιατί", "πώς", "ποιος", "ποια", "что", "почему", "как",
    "зачем", "кто", "какой", "какая", "какие", "когда", "где", "объясни", "объясните", "опишите", "що",
    "чому", "як", "хто", "який", "коли", "ما", "ماذا", "لماذا", "كيف", "من هو", "متى", "أين", "هل", "اشرح",
    "عرف", "چرا", "چگونه", "چه", "מה", "למה", "מדוע", "איך", "מי", "क्या", "क्यों", "कैसे", "कौन", "কী",
    "কেন", "কীভাবে", "apa itu", "mengapa", "kenapa", "bagaimana", "jelaskan", "tại sao", "thế nào",
    "vì sao", "무엇", "왜", "어떻게", "설명",
];

/// The same in languages without blanks, where any letter may follow.
#[rustfmt::skip]
pub(super) const UNSPACED_INTERROGATIVES: &[&str] = &[
    "什么", "什麼", "为什么", "為什麼", "如何", "怎么", "怎麼", "怎样", "怎樣", "哪", "谁", "誰", "何",
    "なぜ", "どうして", "どう", "どの", "どこ", "いつ", "请解释", "請解釋", "说明", "說明", "ทำไม", "อะไร",
    "อย่างไร",
];

/// Endings of sentences that ask without a question mark.
pub(super) const ASKING_ENDINGS: [&str; 8] =
    ["ですか", "ますか", "でしょうか", "ましたか", "ませんか", "인가요", "습니까", "입니까"];

/// Words that a number makes the heading of a part: `Kapitel 3`, `Глава IV`.
pub(super) const PARTS: &str = "\
    kapitel teil abschnitt lektion chapitre partie leçon capítulo capitulo parte sección seção unidad unidade lección \
    capitolo sezione hoofdstuk deel avsnitt kapittel luku osa rozdział część kapitola část fejezet rész capitolul partea \
    bölüm kısım κεφάλαιο μέρος глава часть раздел урок розділ частина الفصل الباب الجزء فصل بخش פרק חלק अध्याय भाग অধ্যায় bab \
    bagian chương phần บทที่ บท 장";

/// Keys of properties, by the English one that says the same. What only says it beside a day stands last.
#[rustfmt::skip]
pub(super) const KEYS: [(&str, &[&str]); 5] = [
    ("title", &[
        "titel", "titre", "título", "titulo", "titolo", "otsikko", "tytuł", "název", "cím", "titlu",
        "başlık", "τίτλος", "заголовок", "название", "назва", "عنوان", "العنوان", "כותרת", "शीर्षक",
        "শিরোনাম", "judul", "tiêu đề", "ชื่อเรื่อง", "标题", "標題", "题目", "タイトル", "題名", "제목",
    ]),
    ("tags", &[
        "schlagwörter", "schlagworte", "schlagwort", "stichwörter", "stichworte", "kategorie",
        "kategorien", "étiquettes", "étiquette", "mots-clés", "mots clés", "catégorie", "catégories",
        "etiquetas", "etiqueta", "palabras clave", "categoría", "categorías", "palavras-chave",
        "marcadores", "categoria", "categorias", "etichette", "parole chiave", "categorie", "trefwoorden",
        "nyckelord", "kategori", "kategorier", "emneord", "avainsanat", "tagi", "słowa kluczowe",
        "kategoria", "štítky", "címkék", "etichete", "etiketler", "etiket", "ετικέτες", "теги", "тэги",
        "метки", "ключевые слова", "категория", "категории", "категорії", "وسوم", "الوسوم", "تصنيف",
        "برچسب‌ها", "תגיות", "टैग", "ট্যাগ", "kata kunci", "thẻ", "แท็ก", "标签", "標籤", "关键词",
        "關鍵詞", "分类", "分類", "タグ", "キーワード", "カテゴリ", "カテゴリー", "태그", "키워드", "분류",
    ]),
    ("aliases", &[
        "aliasse", "alias-namen", "andere namen", "autres noms", "otros nombres", "outros nomes",
        "altri nomi", "псевдонимы", "другие названия", "أسماء أخرى", "别名", "別名", "エイリアス", "별칭",
        "별명",
    ]),
    ("date", &[
        "datum", "fecha", "dato", "päivämäärä", "päiväys", "dátum", "tarih", "ημερομηνία", "дата", "تاريخ",
        "التاريخ", "تاریخ", "תאריך", "तारीख", "दिनांक", "তারিখ", "tanggal", "ngày", "วันที่", "日期",
        "日付", "날짜", "data",
    ]),
    ("created", &[
        "erstellt", "erstelltam", "erstellungsdatum", "angelegt", "créé", "crééle", "datedecréation",
        "creado", "creadoel", "fechadecreación", "criado", "criadoem", "datadecriação", "creato",
        "creatoil", "datadicreazione", "gemaakt", "aangemaakt", "skapad", "oprettet", "opprettet", "luotu",
        "utworzono", "vytvořeno", "létrehozva", "oluşturuldu", "создано", "датасоздания", "створено",
        "تاريخالإنشاء", "dibuat", "ngàytạo", "创建时间", "创建日期", "建立時間", "建立日期", "作成日",
        "作成日時", "생성일", "작성일", "veröffentlicht", "publiéle", "publicado", "pubblicato",
        "опубликовано", "geändert", "geändertam", "aktualisiert", "modifiéle", "actualizado", "atualizado",
        "modificato", "bijgewerkt", "zmieniono", "изменено", "обновлено", "更新时间", "更新日期", "更新日",
        "更新日時", "수정일",
    ]),
];

/// Whether a word is one of those between the blanks of a list.
pub(super) fn has(words: &str, one: &str) -> bool {
    !one.is_empty() && words.split_whitespace().any(|word| word == one)
}

/// The letters of answers that may go with a question's, which is in lower case.
pub(super) fn answers_to(letter: &str) -> Option<&'static str> {
    LETTERS.iter().find_map(|(question, answers)| (*question == letter).then_some(*answers))
}
