//! Tests of telling languages apart.

use proptest::prelude::*;

use super::*;

/// A sentence or two in each language, as a note may have.
const TEXTS: &[(&str, &str)] = &[
    ("en", "The backup runs every night. If it fails, look into the log and start it again."),
    (
        "de",
        "Die Sicherung läuft jede Nacht. Wenn sie fehlschlägt, sieht man im Protokoll nach und startet sie neu.",
    ),
    ("de", "Der Hund bellt im Garten."),
    ("de", "Häuser und Gärten"),
    ("de", "Den Docker-Container mit docker compose restart neu starten, danach die Logs prüfen."),
    ("fr", "La sauvegarde tourne chaque nuit. Si elle échoue, on regarde le journal et on la relance."),
    ("fr", "Comment redémarrer le serveur ?"),
    (
        "es",
        "La copia de seguridad se hace cada noche. Si falla, hay que mirar el registro y lanzarla otra vez.",
    ),
    ("es", "¿Cómo se reinicia el servidor?"),
    (
        "pt",
        "A cópia de segurança é feita todas as noites. Se falhar, é preciso ver o registo e não esquecer os discos.",
    ),
    ("it", "Il backup viene fatto ogni notte. Se non riesce, bisogna guardare il registro e farlo di nuovo."),
    ("nl", "De back-up draait elke nacht. Als het niet lukt, kijk dan in het logboek en start hem opnieuw."),
    ("sv", "Säkerhetskopian körs varje natt. Om den inte lyckas får man titta i loggen och starta den igen."),
    ("da", "Sikkerhedskopien kører hver nat. Hvis den ikke lykkes, må man se i loggen og starte den igen."),
    (
        "no",
        "Sikkerhetskopien kjører hver natt. Hvis den ikke lykkes, må man se i loggen etter feil og starte noe på nytt.",
    ),
    (
        "fi",
        "Varmuuskopio tehdään joka yö. Jos se ei onnistu, niin katso lokia ja aja se uudelleen, kun levy on tyhjä.",
    ),
    (
        "pl",
        "Kopia zapasowa jest robiona co noc. Jeśli się nie uda, to trzeba zajrzeć do dziennika i zrobić ją jeszcze raz.",
    ),
    (
        "cs",
        "Záloha se dělá každou noc. Když se nepovede, je třeba se podívat do protokolu a spustit ji ještě jednou.",
    ),
    ("ru", "Резервная копия делается каждую ночь. Если она не удалась, нужно посмотреть журнал."),
    ("ru", "Перезапустить docker compose и проверить kubectl get pods -n production --all-namespaces"),
    (
        "uk",
        "Резервна копія робиться щоночі. Якщо вона не вдалася, треба подивитися журнал і зробити її ще раз.",
    ),
    ("el", "Το αντίγραφο ασφαλείας γίνεται κάθε βράδυ. Αν αποτύχει, δείτε το αρχείο καταγραφής."),
    (
        "tr",
        "Yedekleme her gece yapılır. Eğer olmazsa günlüğe bakın ve bir daha deneyin, çünkü disk dolu olabilir.",
    ),
    (
        "ro",
        "Copia de siguranță se face în fiecare noapte. Dacă nu reușește, trebuie să te uiți în jurnal și să o refaci.",
    ),
    ("hu", "A mentés minden éjjel fut. Ha nem sikerül, meg kell nézni a naplót, és újra el kell indítani."),
    (
        "ca",
        "La còpia de seguretat es fa cada nit. Si no va bé, cal mirar el registre i tornar a fer-la amb els altres discos.",
    ),
    ("ar", "يتم النسخ الاحتياطي كل ليلة. إذا فشل فانظر في السجل وأعد المحاولة."),
    ("he", "הגיבוי רץ בכל לילה. אם הוא נכשל, צריך להסתכל ביומן ולהפעיל אותו שוב."),
    ("fa", "پشتیبان‌گیری هر شب انجام می‌شود. اگر نشد باید گزارش را دید و دوباره آن را اجرا کرد."),
    ("hi", "बैकअप हर रात होता है। अगर वह नहीं होता तो लॉग देखना चाहिए और फिर से चलाना चाहिए।"),
    ("bn", "প্রতি রাতে ব্যাকআপ নেওয়া হয়। যদি তা না হয়, তবে লগ দেখতে হবে।"),
    ("ta", "ஒவ்வொரு இரவும் காப்புப்பிரதி எடுக்கப்படுகிறது. அது தோல்வியுற்றால் பதிவைப் பார்க்கவும்."),
    ("th", "การสำรองข้อมูลจะทำทุกคืน ถ้าไม่สำเร็จให้ดูบันทึกแล้วเริ่มใหม่"),
    ("ja", "バックアップは毎晩行われます。失敗した場合はログを見て、もう一度実行してください。"),
    ("zh", "备份每天晚上进行。如果失败，请查看日志并重新启动。"),
    ("zh", "用 Docker 部署 PostgreSQL 数据库，然后检查日志。"),
    ("ko", "백업은 매일 밤 실행됩니다. 실패하면 로그를 보고 다시 시작하세요."),
    (
        "id",
        "Cadangan dibuat setiap malam. Jika gagal, lihat catatan dan jalankan lagi, karena disk mungkin sudah penuh.",
    ),
    ("vi", "Việc sao lưu được thực hiện mỗi đêm. Nếu không thành công thì hãy xem nhật ký và chạy lại."),
];

/// Texts in English that have a lot of something else in them.
const ENGLISH: &[&str] = &[
    "",
    "   \n\n",
    "README",
    "42",
    "Häuser am See",
    "Müller, Schröder, Jäger, François, Łódź, São Paulo",
    "git commit -a -m 'fix'\ncd /var/log && tail -f syslog\nfor i in *.de; do echo $i; done",
    "kubectl get pods -n default -o wide\nkubectl rollout restart deployment",
    "fn main() { let den = de.in(la); if x == y { return an; } }",
    "en de fr es it nl sv da no fi pl cs ru uk el tr ro hu ca",
    "Install Docker",
    "She said: \"Ich weiß nicht, was soll es bedeuten, daß ich so traurig bin.\" It is from a poem by Heine that we had \
     to learn in school, and I have never understood what is meant by it.",
    "The Louvre (musée du Louvre) is in Paris, in the 1er arrondissement, on the right bank of the Seine.",
    "Notes on `des` and `der`: DES is a cipher, DER is an encoding. See con(4), per-process, via sur.",
    "The word Привет is Russian for hello, and 你好 is Chinese.",
    "- milk\n- eggs\n- crème fraîche\n- jalapeños\n- Würstchen",
    "Vocabulary: el perro is the dog, la casa is the house, and el libro is the book. The verbs are in the other note.",
    "Buenos Aires, Los Angeles, San Francisco, La Paz, El Salvador, Las Vegas, Santa Fe",
    "https://de.wikipedia.org/wiki/Liste_der_und_die_das?mit=von&zu=der",
    "basic dynamic characteristics of structures continuous over many spans",
];

#[test]
fn texts_are_in_their_language() {
    for (code, text) in TEXTS {
        assert_eq!(Language::of(text).code(), *code, "{text}");
    }
}

#[test]
fn english_notes_stay_english_whatever_is_in_them() {
    for text in ENGLISH {
        assert_eq!(Language::of(text), Language::English, "{text}");
    }
}

#[test]
fn a_text_in_two_languages_is_in_that_of_most_of_it() {
    let text = |code: &str| TEXTS.iter().find(|(other, _)| *other == code).unwrap().1;
    for code in ["de", "fr", "ru", "zh", "pl", "ar"] {
        let (foreign, english) = (text(code), text("en"));
        let mostly =
            |most: &str, rest: &str| Language::of(&format!("{rest}\n{}", [most; 3].join("\n"))).code();
        assert_eq!(mostly(foreign, english), code);
        assert_eq!(mostly(english, foreign), "en", "{code}");
    }
    // However long it is.
    let long = format!("{}\n{}", [text("en"); 40].join("\n"), [text("de"); 400].join("\n"));
    assert_eq!(Language::of(&long), Language::German);
    let long = format!("{}\n{}", [text("de"); 40].join("\n"), [text("en"); 400].join("\n"));
    assert_eq!(Language::of(&long), Language::English);
}

#[test]
fn a_question_of_few_words_is_in_one_of_the_languages_that_there_are() {
    let all: Vec<Language> = Language::all().collect();
    for (question, code) in [
        ("Wie heißt der Kater", "de"),
        ("Datenbank neu starten wie", "de"),
        ("größe ändern", "de"),
        ("où est le chat", "fr"),
        ("где кошка", "ru"),
        ("де кішка", "uk"),
        ("猫在哪里", "zh"),
        ("猫はどこ", "ja"),
        ("what is in the house", "en"),
        ("restart docker", "en"),
        ("war crimes", "en"),
        ("die casting", "en"),
        ("des encryption", "en"),
        ("", "en"),
    ] {
        assert_eq!(Language::asked(question, &all).code(), code, "{question}");
    }
    let english = [Language::English];
    assert_eq!(Language::asked("Wie heißt der Kater", &english), Language::English);
    let some = [Language::English, Language::Russian];
    assert_eq!(Language::asked("Wie heißt der Kater", &some), Language::English);
    assert_eq!(Language::asked("где кошка", &some), Language::Russian);
}

proptest! {
    #[test]
    fn any_text_has_one_language(text in "\\PC{0,200}|[a-zäß ]{0,200}|(der |die |the |of |и |在){0,900}") {
        let all: Vec<Language> = Language::all().collect();
        let asked = Language::asked(&text, &all);
        prop_assert!(all.contains(&asked));
        prop_assert_eq!(Language::asked(&text, &[]), Language::English);
        // No blanks around it make it another.
        prop_assert_eq!(Language::of(text.trim()), Language::of(&text));
    }
}
