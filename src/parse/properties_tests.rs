use super::*;

fn scalars(fields: &[(&str, &str)]) -> Said {
    let fields: Vec<Field> = fields.iter().map(|(key, value)| Field::scalar(key, *value)).collect();
    sort(&fields, DateOrder::Unknown)
}

#[test]
fn keys_say_what_they_are() {
    for key in [
        "date",
        "Date",
        "day",
        "created",
        "created_at",
        "created-at",
        "createdAt",
        "date created",
        "date_created",
        "Date Created",
        "Created Date",
        "date modified",
        "date_modified",
        "updated",
        "updated_at",
        "modified",
        "lastmod",
        "last_modified_at",
        "published",
        "pubDate",
        "publishDate",
        "Last Modified",
        "📅",
        "📅 date",
    ] {
        let said = scalars(&[(key, "2024-05-01")]);
        assert_eq!((said.date, said.properties), (Day::new(2024, 5, 1), vec![]), "{key}");
    }
    for key in ["aliases", "Alias", "aka", "also known as"] {
        assert_eq!(scalars(&[(key, "Peregrine, PF-9")]).aliases, ["Peregrine", "PF-9"], "{key}");
    }
    for (address, alias) in [
        ("/blog/2024/owls-at-night/", "owls-at-night"),
        ("owls-at-night", "owls-at-night"),
        ("https://example.org/a/owls.html?x=1#y", "owls"),
    ] {
        assert_eq!(scalars(&[("permalink", address)]).aliases, [alias], "{address}");
        assert_eq!(scalars(&[("Slug", address)]).aliases, [alias], "{address}");
    }
    for address in ["/:year/:title/", "/2024/05/", "/", "", "index.html"] {
        assert_eq!(scalars(&[("permalink", address)]).aliases, [""; 0], "{address}");
    }
    for key in ["due", "deadline", "birthday", "status", "datex", "title2", "meta.title", "author(s)"] {
        let said = scalars(&[(key, "2024-05-01")]);
        assert_eq!((said.date, said.title, said.properties.len()), (None, None, 1), "{key}");
    }
}

#[test]
fn the_date_of_the_first_key_counts_and_the_others_are_properties() {
    let said = scalars(&[("updated", "2024-06-01"), ("created", "soon"), ("date_created", "2024-05-01")]);
    assert_eq!(said.date, Day::new(2024, 5, 1));
    let rest: Vec<&str> = said.properties.iter().map(|property| &*property.key).collect();
    assert_eq!(rest, ["updated", "created"]);
}

#[test]
fn tags_are_taken_apart() {
    for (value, is_list, tags) in [
        ("a b", false, &["a", "b"][..]),
        ("a b, c", false, &["a b", "c"]),
        ("#a #b", false, &["a", "b"]),
        ("#a, #b/c", false, &["a", "b/c"]),
        ("[[a]]", false, &["a"]),
        ("[a, b]", false, &["a", "b"]),
        ("two words", true, &["two words"]),
        ("#a #b", true, &["a", "b"]),
        ("a, b", true, &["a, b"]),
        ("[[Projects]]", true, &["projects"]),
        ("", false, &[]),
    ] {
        let field = Field { key: "tags".into(), values: vec![value.into()], is_list };
        assert_eq!(sort(&[field], DateOrder::Unknown).tags, tags, "{value}");
    }
}

#[test]
fn what_is_told_of_aliases_is_told_once() {
    let said =
        scalars(&[("title", "Owls"), ("title", "Night birds"), ("alias", "owls, **Strix**, strix, ,")]);
    assert_eq!(said.title.as_deref(), Some("Owls"));
    assert_eq!(said.aliases, ["Night birds", "Strix"]);
}

#[test]
fn properties_are_what_the_reader_sees() {
    let said = scalars(&[
        ("Author(s)", "[[people/ursula|Le Guin]] and [[Kim]]"),
        ("Status", " in \n progress "),
        ("empty", " "),
        ("status", "blocked"),
        ("open", "[[never closed"),
        ("", "nothing"),
    ]);
    let all: Vec<String> = said.properties.iter().map(|property| format!("{property:?}")).collect();
    assert_eq!(
        all,
        [
            r#"Property { key: "author(s)", values: ["Le Guin and Kim"] }"#,
            r#"Property { key: "status", values: ["in progress", "blocked"] }"#,
            r#"Property { key: "open", values: ["[[never closed"] }"#,
        ]
    );
}

#[test]
fn there_is_an_end_to_properties() {
    let fields: Vec<Field> =
        (0..5000).map(|at| Field::list(&format!("key{at}"), vec!["x".repeat(2000); 3])).collect();
    let said = sort(&fields, DateOrder::Unknown);
    assert_eq!(said.properties.len(), MAX_PROPERTIES);
    assert!(
        said.properties
            .iter()
            .flat_map(|property| &property.values)
            .all(|value| value.len() <= MAX_VALUE + 3)
    );
    let many = Field::list("key", vec!["x".into(); 5000]);
    assert_eq!(sort(&[many], DateOrder::Unknown).properties[0].values.len(), MAX_VALUES);
    let names = Field::list("aliases", (0..5000).map(|at| format!("name {at}")).collect());
    assert_eq!(sort(&[names], DateOrder::Unknown).aliases.len(), MAX_PROPERTIES);
}

#[test]
fn keys_in_other_languages_say_the_same() {
    for key in [
        "Datum",
        "fecha",
        "Дата",
        "日期",
        "日付",
        "날짜",
        "تاريخ",
        "दिनांक",
        "Erstellt am",
        "créé le",
        "创建时间",
        "data",
        "dátum",
    ] {
        let said = scalars(&[(key, "2024-05-01")]);
        assert_eq!((said.date, said.properties), (Day::new(2024, 5, 1), vec![]), "{key}");
    }
    for (key, value) in [("Datum", "1. Mai 2024"), ("Дата", "1 мая 2024"), ("date", "1 de mayo de 2024")]
    {
        assert_eq!(scalars(&[(key, value)]).date, Day::new(2024, 5, 1), "{value}");
    }
    for key in ["Titel", "Título", "заголовок", "标题", "제목"] {
        assert_eq!(scalars(&[(key, "Owls")]).title.as_deref(), Some("Owls"), "{key}");
    }
    for key in ["Schlagwörter", "schlagwo\u{308}rter", "etiquetas", "Mots-clés", "теги", "タグ", "标签"]
    {
        assert_eq!(scalars(&[(key, "a, b")]).tags, ["a", "b"], "{key}");
    }
    assert_eq!(scalars(&[("别名", "猫头鹰, 夜鸟")]).aliases, ["猫头鹰", "夜鸟"]);
    // What has no day in it is a property: in English, data are something else.
    let said = scalars(&[("data", "owls.csv"), ("erstellt", "von Kim")]);
    assert_eq!((said.date, said.properties.len()), (None, 2));
}

#[test]
fn keys_are_written_as_they_are_compared() {
    for key in KEYS.iter().flat_map(|(_, keys)| *keys) {
        assert_eq!(lower(key), **key);
        let dates = rank(key).is_some() || english(key) != *key;
        assert!(dates, "{key}");
    }
}
