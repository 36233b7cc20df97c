//! Units with odd paths, read back as the systems read them.

use proptest::prelude::*;

use super::*;

fn started(words: &[&str]) -> Started {
    Started {
        command: words.iter().map(OsString::from).collect(),
        folder: OsString::from("/home/ada/my notes"),
    }
}

/// The command line of a unit as systemd reads it: words in quotation marks, C-style escapes, `%%` and, behind the first
/// word, `$$`.
fn read_back(unit: &str) -> Vec<Vec<u8>> {
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let (mut words, mut chars) = (Vec::new(), line.bytes().peekable());
    while let Some(open) = chars.next() {
        assert_eq!(open, b'"');
        let mut word = Vec::new();
        loop {
            match chars.next().unwrap() {
                b'"' => break,
                b'\\' => match chars.next().unwrap() {
                    b'x' => {
                        let digits: Vec<u8> = chars.by_ref().take(2).collect();
                        word.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
                    }
                    other => word.push(other),
                },
                b'%' => word.extend(chars.next_if_eq(&b'%')),
                b'$' if !words.is_empty() => word.extend(chars.next_if_eq(&b'$')),
                other => word.push(other),
            }
        }
        words.push(word);
        assert!(matches!(chars.next(), None | Some(b' ')));
    }
    words
}

#[test]
fn a_unit_of_systemd_has_one_command_and_its_folder() {
    let unit =
        systemd(&started(&["/usr/bin/q $1", "--index", "/home/ada/100% \"notes\" & $HOME\\", "watch"]));
    assert!(
        unit.contains(
            r#"ExecStart="/usr/bin/q $1" "--index" "/home/ada/100%% \"notes\" & $$HOME\\" "watch""#
        )
    );
    assert!(unit.contains("\nWorkingDirectory=-/home/ada/my notes\n"));
    for section in ["[Unit]", "[Service]", "[Install]"] {
        assert!(unit.lines().any(|line| line == section), "{unit}");
    }
}

#[test]
fn folders_that_systemd_cant_take_are_left_out() {
    assert_eq!(systemd_path(OsStr::new("/a/50%")).as_deref(), Some("/a/50%%"));
    for odd in ["/a\nb", "/a ", "/a\\", "/a\"b"] {
        assert_eq!(systemd_path(OsStr::new(odd)), None, "{odd:?}");
    }
}

#[test]
fn a_property_list_has_its_texts_escaped() {
    let list = launchd(&started(&["/q", "--index", "/a & <b> \"c\" 5%", "watch"])).unwrap();
    assert!(list.contains("    <string>/a &amp; &lt;b&gt; \"c\" 5%</string>\n    <string>watch</string>\n"));
    assert_eq!(list.matches("<dict>").count(), list.matches("</dict>").count());
    assert!(launchd(&started(&["/q\u{1}"])).is_err());
}

#[cfg(unix)]
#[test]
fn bytes_that_are_no_text_are_written_for_systemd_alone() {
    use std::os::unix::ffi::OsStringExt;
    let odd = OsString::from_vec(b"/caf\xe9".to_vec());
    assert_eq!(systemd_word(&odd, true), r#""/caf\xe9""#);
    assert!(xml(&odd).is_err());
}

proptest! {
    #[test]
    fn systemd_starts_what_was_meant(words in prop::collection::vec("[ -~äö\n\t%$\"'\\\\;]{0,12}", 1..5)) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let unit = systemd(&started(&words));
        let expected: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
        prop_assert_eq!(read_back(&unit), expected);
    }

    #[test]
    fn property_lists_stay_well_formed(word in "[ -~ä]{0,30}") {
        let list = launchd(&started(&[&word])).unwrap();
        // Read by the reader of documents.
        let mut reader = quick_xml_texts(&list);
        prop_assert!(reader.any(|text| text == word) || word.trim().is_empty());
    }
}

/// The texts of `<string>` elements.
fn quick_xml_texts(list: &str) -> impl Iterator<Item = String> {
    list.split("<string>").skip(1).filter_map(|rest| rest.split("</string>").next()).map(|text| {
        assert!(!text.contains(['<', '>']));
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    })
}
