use proptest::prelude::*;

use super::*;

fn markdown(mail: &str) -> String {
    read(mail.replace('\n', "\r\n").as_bytes(), 0).unwrap().text
}

#[test]
fn a_message_says_who_when_and_what() {
    let mail = "From: =?utf-8?q?Ann_L=C3=A9e?= <ann@example.org>\nTo: bo@example.org, Cy <cy@example.org>\nSubject: =?utf-8?b?SGVyb25zIOKAkyBub3c=?=\nDate: Wed, 01 May 2024 14:30:00 +0200\nContent-Type: text/plain; charset=iso-8859-1\n\nHi,\n- one\n- two\n\nOn Tue, Bo wrote:\n> # Yes\n>> No\n\n-- \nAnn <script>\n";
    let draft = read(mail.as_bytes(), 0).unwrap();
    assert_eq!(
        draft.text,
        "# Herons – now\n\nFrom: Ann Lée <ann@example.org>\nTo: bo@example.org, Cy <cy@example.org>\nDate: 2024-05-01 14:30\n\nHi,\n- one\n- two\n\nOn Tue, Bo wrote:\n\n> \\# Yes\n\n> > No\n\nAnn \\<script>\n"
    );
    assert_eq!(draft.about.title.as_deref(), Some("Herons – now"));
    assert_eq!(
        (draft.about.date.as_deref(), &*draft.about.authors),
        (Some("2024-05-01T14:30"), &["Ann Lée".to_owned()][..])
    );
    assert_eq!(draft.places[0].place.to_string(), "message1");
}

#[test]
fn plain_text_goes_before_a_page_and_files_within_are_read() {
    let mail = "Subject: S\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/alternative; boundary=i\n\n--i\nContent-Type: text/plain\n\nPlain words\n--i\nContent-Type: text/html\n\n<p>Page words</p>\n--i--\n--o\nContent-Type: text/html; name=\"a.html\"\nContent-Disposition: attachment; filename*=utf-8''%C3%A4.html\n\n<h1>Within</h1><p>Herons\n--o\nContent-Type: message/rfc822\n\nSubject: Old\nFrom: x@y.z\n\nEarlier\n--o\nContent-Type: image/png; name=\"p.png\"\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--o--\n";
    let text = markdown(mail);
    assert_eq!(
        text,
        "# S\n\nAttachments: ä.html, Old, p.png\n\nPlain words\n\n## ä.html\n\n### Within\n\nHerons\n\n## Old\n\n### Old\n\nFrom: x@y.z\n\nEarlier\n"
    );
    let page = "Subject: S\nContent-Type: text/html; charset=utf-8\n\n<style>x</style><p>Page <b>words</b></p><blockquote>Q</blockquote>\n";
    assert_eq!(markdown(page), "# S\n\nPage words\n\n> Q\n");
}

#[test]
fn what_only_others_can_read_is_told() {
    let mail = "Subject: S\nContent-Type: multipart/encrypted; boundary=b; protocol=\"application/pgp-encrypted\"\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n--b--\n";
    let draft = read(mail.as_bytes(), 0).unwrap();
    assert!(draft.warnings[0].contains("encrypted") && !draft.text.contains("PGP"));
    assert!(read(b"", 0).is_err() && read(b"just text", 0).is_err());
}

#[test]
fn a_mailbox_has_its_messages() {
    let mbox = "From a@b Wed May  1 14:30:00 2024\nSubject: One\n\n>From here on\nFrom now on\n\nFrom there we went\n\nFrom - Wed May  1 14:31:00 2024\nX-Mozilla-Status: 0009\nSubject: Gone\n\nx\n\nFrom c@d Wed May  1 14:32:00 2024\nSubject: Two\n\ny\n";
    let draft = read_mailbox(mbox.as_bytes(), 0).unwrap();
    assert_eq!(draft.text, "# One\n\nFrom here on\nFrom now on\n\nFrom there we went\n\n# Two\n\ny\n");
    let places: Vec<_> = draft.places.iter().map(|start| start.place.to_string()).collect();
    assert_eq!(places, ["message1", "message3"]);
    assert!(read_mailbox(b"", 0).is_err());
}

#[test]
fn a_saved_page_is_its_root() {
    let page = "Subject: S\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=b; type=\"text/html\"\n\n--b\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<title>T</title><h1 id=3Dx>H=C3=A9ron</h1><p>a\n--b\nContent-Type: text/css\n\np {}\n--b--\n";
    let draft = read_page(page.as_bytes()).unwrap();
    assert_eq!((&*draft.text, draft.about.title.as_deref()), ("# Héron\n\na\n", Some("T")));
}

#[test]
fn messages_of_apple_mail_are_what_their_length_says() {
    let draft = read(b"24  \nSubject: S\nTo: x@y.z\n\nHi<?xml version=\"1.0\"?><plist/>", 0).unwrap();
    assert_eq!(draft.text, "# S\n\nTo: x@y.z\n\nHi\n");
}

#[test]
fn dates_may_be_written_otherwise() {
    let draft = read(b"Subject: S\nDate: 2024-05-01T14:30:00Z\n\nx", 0).unwrap();
    assert_eq!(draft.about.date.as_deref(), Some("2024-05-01T14:30"));
}

#[test]
fn flowed_lines_go_on() {
    let mail = "Subject: S\nContent-Type: text/plain; format=flowed\n\na \nb\nc\n> q \n> r\n";
    assert_eq!(markdown(mail), "# S\n\na b\nc\n\n> q r\n");
}

#[test]
fn hostile_messages_end_soon() {
    let nested = (0..2000)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"))
        .collect::<Vec<_>>()
        .concat();
    for mail in [
        format!("Subject: x\n{nested}"),
        format!("Subject: x\nTo: {}\n\n", "a@b, ".repeat(100_000)),
        format!("Subject: x\n\n{}", ">".repeat(1_000_000)),
        format!("Subject: x\n{}", "Content-Type: message/rfc822\n\n".repeat(10_000)),
        format!("Subject: {}\n\nx", "=?utf-8?q?a?= ".repeat(50_000)),
    ] {
        let _ = read(mail.as_bytes(), 0);
        let _ = read_mailbox(mail.as_bytes(), 0);
        let _ = read_page(mail.as_bytes());
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        parts in prop::collection::vec(
            prop_oneof![
                prop::sample::select(vec![
                    "Subject: x\n", "From: a <b@c>\n", "Date: Wed, 01 May 2024 14:30:00 +0200\n", "\n", "--b\n", "--b--\n",
                    "Content-Type: multipart/mixed; boundary=b\n", "Content-Type: text/html\n", "Content-Type: message/rfc822\n",
                    "Content-Transfer-Encoding: base64\n", "From a@b Wed May  1 14:30:00 2024\n", "> > x\n", "=?utf-8?q?",
                    "Content-Disposition: attachment; filename=a.html\n",
                ]).prop_map(|part| part.as_bytes().to_vec()),
                prop::collection::vec(any::<u8>(), 0..8),
            ],
            0..40,
        )
    ) {
        let file = parts.concat();
        let _ = read(&file, 0);
        let _ = read_mailbox(&file, 0);
        let _ = read_page(&file);
    }
}
