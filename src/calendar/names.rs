//! What months and days of the week are called, in the large languages.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use crate::words::{composed, is_listed};

/// What somebody calls a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Month {
    /// From 1.
    pub(super) number: u64,
    /// Whether the word means the month wherever it stands; others want a day beside them, such as `mars`, which is a
    /// planet, and `okt`.
    pub(super) is_sure: bool,
    /// Whether the word is English.
    pub(super) is_english: bool,
}

/// The months of a language, each with all of its forms between blanks.
type Months = [&'static str; 12];

/// The months in English.
const ENGLISH: Months = [
    "january jan",
    "february feb febr",
    "march mar",
    "april apr",
    "may",
    "june jun",
    "july jul",
    "august aug",
    "september sep sept",
    "october oct",
    "november nov",
    "december dec",
];

/// The months in other languages, as they stand in a date and alone, but for names that are other words in English even
/// behind a number: `out`, `set`, `lip`, `ago`.
#[rustfmt::skip]
const OTHERS: [Months; 26] = [
    // German
    ["januar jänner", "februar feber", "märz mär mrz", "april", "mai", "juni", "juli", "august", "september",
     "oktober okt", "november", "dezember dez"],
    // French
    ["janvier janv", "février fevrier févr", "mars", "avril avr", "mai", "juin", "juillet juil", "août aout",
     "septembre", "octobre", "novembre", "décembre decembre déc"],
    // Spanish
    ["enero ene", "febrero", "marzo", "abril abr", "mayo", "junio", "julio", "agosto", "septiembre setiembre",
     "octubre", "noviembre", "diciembre dic"],
    // Portuguese
    ["janeiro", "fevereiro fev", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
     "novembro", "dezembro"],
    // Italian
    ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre ott",
     "novembre", "dicembre"],
    // Dutch
    ["januari", "februari", "maart mrt", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
     "november", "december"],
    // Swedish
    ["januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november",
     "december"],
    // Danish, Norwegian
    ["januar", "februar", "marts mars", "april", "maj mai", "juni", "juli", "august", "september", "oktober",
     "november", "december desember"],
    // Finnish
    ["tammikuu tammikuuta tammikuussa", "helmikuu helmikuuta helmikuussa", "maaliskuu maaliskuuta maaliskuussa",
     "huhtikuu huhtikuuta huhtikuussa", "toukokuu toukokuuta toukokuussa", "kesäkuu kesäkuuta kesäkuussa",
     "heinäkuu heinäkuuta heinäkuussa", "elokuu elokuuta elokuussa", "syyskuu syyskuuta syyskuussa",
     "lokakuu lokakuuta lokakuussa", "marraskuu marraskuuta marraskuussa", "joulukuu joulukuuta joulukuussa"],
    // Polish
    ["stycznia styczeń styczniu", "lutego luty lutym", "marca marzec marcu", "kwietnia kwiecień kwietniu kwi",
     "maja maj maju", "czerwca czerwiec czerwcu cze", "lipca lipiec lipcu", "sierpnia sierpień sierpniu",
     "września wrzesień wrześniu wrz", "października październik październiku paź", "listopada listopad listopadzie",
     "grudnia grudzień grudniu gru"],
    // Czech
    ["ledna leden lednu", "února únor únoru", "března březen březnu", "dubna duben dubnu", "května květen květnu",
     "června červen červnu", "července červenec červenci", "srpna srpen srpnu", "září", "října říjen říjnu",
     "listopadu listopad", "prosince prosinec prosinci"],
    // Hungarian
    ["január", "február", "március", "április", "május", "június", "július", "augusztus", "szeptember", "október",
     "november", "december"],
    // Romanian
    ["ianuarie", "februarie", "martie", "aprilie", "mai", "iunie", "iulie", "august", "septembrie", "octombrie",
     "noiembrie", "decembrie"],
    // Turkish, also without its own letters
    ["ocak", "şubat subat", "mart", "nisan", "mayıs mayis", "haziran", "temmuz", "ağustos agustos", "eylül eylul",
     "ekim", "kasım kasim", "aralık aralik"],
    // Indonesian, Malay
    ["januari", "februari", "maret", "april", "mei", "juni jun", "juli julai", "agustus ogos", "september",
     "oktober", "november", "desember disember"],
    // Greek
    ["ιανουαρίου ιανουάριος ιανουάριο", "φεβρουαρίου φεβρουάριος φεβρουάριο", "μαρτίου μάρτιος μάρτιο",
     "απριλίου απρίλιος απρίλιο", "μαΐου μάιος μάιο", "ιουνίου ιούνιος ιούνιο", "ιουλίου ιούλιος ιούλιο",
     "αυγούστου αύγουστος αύγουστο", "σεπτεμβρίου σεπτέμβριος σεπτέμβριο", "οκτωβρίου οκτώβριος οκτώβριο",
     "νοεμβρίου νοέμβριος νοέμβριο", "δεκεμβρίου δεκέμβριος δεκέμβριο"],
    // Russian
    ["января январь январе янв", "февраля февраль феврале фев февр", "марта март марте мар",
     "апреля апрель апреле апр", "мая май мае", "июня июнь июне", "июля июль июле", "августа август августе авг",
     "сентября сентябрь сентябре сен сент", "октября октябрь октябре окт", "ноября ноябрь ноябре ноя нояб",
     "декабря декабрь декабре дек"],
    // Ukrainian
    ["січня січень січні", "лютого лютий лютому", "березня березень березні", "квітня квітень квітні",
     "травня травень травні", "червня червень червні", "липня липень липні", "серпня серпень серпні",
     "вересня вересень вересні", "жовтня жовтень жовтні", "листопада листопад листопаді", "грудня грудень грудні"],
    // Arabic
    ["يناير", "فبراير", "مارس", "أبريل ابريل إبريل", "مايو", "يونيو", "يوليو", "أغسطس اغسطس", "سبتمبر",
     "أكتوبر اكتوبر", "نوفمبر", "ديسمبر"],
    // Arabic of North Africa and of the Levant, those that are one word
    ["جانفي", "فيفري شباط", "آذار", "أفريل نيسان", "ماي أيار", "جوان حزيران", "جويلية تموز", "أوت آب", "أيلول", "", "",
     ""],
    // Persian
    ["ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن", "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر"],
    // Hebrew, alone and behind "in"
    ["ינואר בינואר", "פברואר בפברואר", "מרץ במרץ", "אפריל באפריל", "מאי במאי", "יוני ביוני", "יולי ביולי",
     "אוגוסט באוגוסט", "ספטמבר בספטמבר", "אוקטובר באוקטובר", "נובמבר בנובמבר", "דצמבר בדצמבר"],
    // Hindi
    ["जनवरी", "फ़रवरी फरवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर सितम्बर", "अक्टूबर अक्तूबर",
     "नवंबर नवम्बर", "दिसंबर दिसम्बर"],
    // Bengali
    ["জানুয়ারি জানুয়ারী", "ফেব্রুয়ারি ফেব্রুয়ারী", "মার্চ", "এপ্রিল", "মে", "জুন", "জুলাই", "আগস্ট", "সেপ্টেম্বর",
     "অক্টোবর", "নভেম্বর", "ডিসেম্বর"],
    // Thai
    ["มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน", "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม",
     "พฤศจิกายน", "ธันวาคม"],
    // Bulgarian, where its names aren't the Russian ones
    ["януари", "февруари", "", "април", "", "юни", "юли", "", "септември", "октомври", "ноември", "декември"],
];

/// The number of each name's month, and whether it is English: of a name in several languages, the first's.
static BY_NAME: LazyLock<HashMap<&str, (u64, bool)>> = LazyLock::new(|| {
    let mut numbers = HashMap::with_capacity(1024);
    for (months, is_english) in
        [(&ENGLISH, true)].into_iter().chain(OTHERS.iter().map(|months| (months, false)))
    {
        for (names, number) in months.iter().zip(1..) {
            for name in names.split(' ').filter(|name| !name.is_empty()) {
                numbers.entry(name).or_insert((number, is_english));
            }
        }
    }
    numbers
});

/// Names of other languages that mean something else in some text, too, besides all abbreviations.
const UNSURE: [&str; 10] = ["maja", "maju", "marca", "mars", "mart", "marts", "mayo", "أوت", "مه", "মে"];

/// The month that a word means, which is in lower case.
pub(super) fn month(word: &str) -> Option<Month> {
    let word = composed(word);
    let &(number, is_english) = BY_NAME.get(&*word)?;
    let is_short = word.chars().count() < 4 && word.chars().all(|c| c < '\u{370}');
    let is_sure = is_english || !is_short && !UNSURE.contains(&&*word);
    Some(Month { number, is_sure, is_english })
}

/// The days of the week in English; three letters are enough.
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The days of the week in other languages, each language a line.
const OTHER_DAYS: &str = "\
    montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag \
    lundi mardi mercredi jeudi vendredi samedi dimanche \
    lunes martes miércoles miercoles jueves viernes sábado sabado domingo \
    segunda terça quarta quinta sexta \
    lunedì martedì mercoledì giovedì venerdì sabato domenica \
    maandag dinsdag woensdag donderdag vrijdag zaterdag zondag \
    måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag \
    maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai \
    poniedziałek wtorek środa czwartek piątek sobota niedziela \
    pondělí úterý středa čtvrtek pátek neděle \
    hétfő kedd szerda csütörtök péntek szombat vasárnap \
    luni marți miercuri joi vineri sâmbătă duminică \
    pazartesi salı çarşamba perşembe cuma cumartesi pazar \
    senin selasa rabu kamis jumat sabtu minggu \
    δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή \
    понедельник вторник среда четверг пятница суббота воскресенье \
    понеділок вівторок середа четвер п'ятниця субота неділя \
    الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد \
    دوشنبه سه‌شنبه چهارشنبه پنجشنبه جمعه شنبه یکشنبه \
    सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार \
    সোমবার মঙ্গলবার বুধবার বৃহস্পতিবার শুক্রবার শনিবার রবিবার";

/// Whether a word, in lower case, is a day of the week.
pub(super) fn is_weekday(word: &str) -> bool {
    let is_english = word.len() >= 3 && DAYS.iter().any(|day| day.starts_with(word));
    let word: Cow<'_, str> = composed(word);
    is_english || is_listed(OTHER_DAYS, &word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_months() {
        for months in OTHERS {
            for (names, number) in months.iter().zip(1..) {
                for name in names.split(' ').filter(|name| !name.is_empty()) {
                    let found = month(name).unwrap();
                    assert_eq!(found.number, number, "{name}");
                    assert_eq!(composed(&name.to_lowercase()), name);
                    assert!(!is_weekday(name), "{name}");
                }
            }
        }
        assert_eq!(month(""), None);
        assert_eq!(month("out"), None);
    }

    #[test]
    fn names_may_be_typed_in_parts() {
        let typed = "ma\u{308}rz";
        assert_eq!(month(typed), Some(Month { number: 3, is_sure: true, is_english: false }));
        assert!(is_weekday("lunedi\u{300}") && is_weekday("wed") && is_weekday("среда") && !is_weekday("we"));
    }

    #[test]
    fn what_means_something_else_is_not_sure() {
        for name in ["mars", "mai", "okt", "mayo", "dic", "maja"] {
            assert!(!month(name).unwrap().is_sure, "{name}");
        }
        for name in ["märz", "juni", "мая", "май", "मई", "مايو", "février", "may", "dec"] {
            assert!(month(name).unwrap().is_sure, "{name}");
        }
        assert!(UNSURE.iter().all(|name| month(name).is_some()));
    }
}
