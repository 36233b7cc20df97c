use super::*;

/// What is left of a text without its data, and how many stretches went.
fn left(text: &str) -> (String, usize) {
    let lines = Lines::new(text, &(0..text.len()));
    let mut found = Vec::new();
    find(text, &lines, &mut found);
    found.sort_by_key(|range| range.start);
    let (mut out, mut at) = (String::new(), 0);
    for range in &found {
        out.push_str(&text[at.min(range.start)..range.start]);
        at = at.max(range.end);
    }
    out.push_str(&text[at..]);
    (out, found.len())
}

/// So many characters as base64 has them.
fn base64(len: usize) -> String {
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        alphabet[(state >> 26) as usize]
    };
    (0..len).map(|_| next()).collect()
}

#[test]
fn addresses_of_data_go_and_what_is_around_stays() {
    let data = format!("data:image/png;base64,{}", base64(500));
    for (text, kept) in [
        (format!("Tap ![tap]({data}) drips.\n"), "Tap  drips.\n"),
        (format!("![]({data})\n"), "\n"),
        (format!("![The old tap]({data} \"t\")"), "![The old tap"),
        (format!("[file]({data})."), "."),
        (format!("a <img alt=\"x\" src=\"{data}\" width=3> b"), "a  b"),
        (format!("Text\n\n[image1]: <{data}>\n"), "Text\n\n\n"),
        (format!("b: url('{data}');"), "b: url('');"),
        (format!("| a | {data} | b |"), "| a |  | b |"),
        (format!("see {data}"), "see "),
        (format!("<img src='data:image/svg+xml;utf8,<svg {}></svg>'>", "a ".repeat(200)), ""),
    ] {
        assert_eq!(left(&text).0, kept, "{text}");
    }
}

#[test]
fn long_data_of_several_lines_goes() {
    let lines = |line: &dyn Fn(usize) -> String, count: usize| (0..count).map(line).collect::<String>();
    let block = lines(&|at| format!("{}\n", &base64(64 * 9)[at * 64..][..64]), 8);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{block}abc=\n-----END CERTIFICATE-----\n");
    let quoted = lines(&|_| format!("> {}\n", base64(76)), 5);
    let hex = lines(&|at| format!("{:064x}\n", at * 0x00ab_cdef_1234), 5);
    let xxd = lines(&|at| format!("{at:07x}0: 7f45 4c46 0201 0100 0000 0000 0000 00{at:02x}  .ELF....\n"), 6);
    let dump =
        lines(&|at| format!("{at:08x}  7f 45 4c 46 02 01 01 00  00 00 00 00 00 00 00 00  |.ELF|\n"), 6);
    let ssh = format!("ssh-rsa {} kim@host\n", base64(372));
    for (text, kept) in [
        (&pem, "a\nb\n"),
        (&format!("{block}QUJD\n"), "a\nb\n"),
        (&quoted, "a\nb\n"),
        (&hex, "a\nb\n"),
        (&xxd, "a\nb\n"),
        (&dump, "a\nb\n"),
        (&ssh, "a\nssh-rsa  kim@host\nb\n"),
    ] {
        assert_eq!(left(&format!("a\n{text}b\n")).0, kept, "{text}");
    }
}

#[test]
fn code_as_programs_write_it_and_drawings_go() {
    let js = "!function(e,t){var n=e.a(t);return n?n.b:null}(window,{c:1,d:[2,3]});".repeat(20);
    let json = format!(
        "{{{}}}",
        (0..200).flat_map(|at| [format!("\"k{at}\":[{at},"), "0.5],".to_owned()]).collect::<String>()
    );
    let path = "M12 2C6.48 2 2 6.48 2 12s4.48 10 10 10".repeat(20);
    for (text, kept) in [
        (format!("a\n{js}\nb"), "a\n\nb".to_owned()),
        (format!("```\n{json}\n```"), "```\n\n```".to_owned()),
        (
            format!(
                "x <svg viewBox=\"0 0 24 24\">\n<style>\n.a {{ fill: red }}\n</style>\n<path d=\"{path}\"/>\n<text>Tap</text></svg> y"
            ),
            "x \n\n\nTap y".to_owned(),
        ),
    ] {
        assert_eq!(left(&text).0, kept, "{text}");
    }
}

#[test]
fn what_is_short_or_prose_stays() {
    let words = "a sentence of some words, ".repeat(100);
    let chinese = "这里利用的是百科的结构化知识，尝试用番茄钟输出精确的文档。".repeat(50);
    let links = "[a](https://example.org/some/long/path/to/a/page-that-is-long), ".repeat(30);
    let paths = "src/some/long/path/to/a/module/in/a/project/with/many/parts2\n".repeat(6);
    for text in [
        "The data: four, five, and more of it, which goes on for quite a while, and then some more.",
        "Use data:image/png;base64,iVBORw0KGgo= for a pixel.",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 of nothing",
        "00000000: 7f45 4c46 0201 0100 0000 0000 0000 0000  .ELF\n",
        "10 20 30 40 50 60 70 80 90\n10 20 30 40 50 60 70 80 90\n10 20 30 40 50 60 70 80 90\n10 20 30 40 50 60 70 80 90\n",
        "-----BEGIN of a thing\n-----BEGIN X-----\nno end\n",
        "<svg><path d=\"M1 2\"/></svg> and <svg without an end",
        &words,
        &chinese,
        &links,
        &paths,
        &"=".repeat(300),
        &"-".repeat(300),
        &format!("{}\n", "=".repeat(80)).repeat(9),
        &"aaaa".repeat(100),
    ] {
        assert_eq!(left(text), (text.to_owned(), 0));
    }
}

#[test]
fn hostile_data_takes_linear_time() {
    for part in [
        "data:a,",
        "(data:a,",
        "\"data:a,",
        "![](data:a,b) ",
        "<svg",
        "<svg><style",
        "-----BEGIN a-----\n",
        "<",
        "{}",
    ] {
        left(&part.repeat(1_000_000 / part.len()));
        left(&format!("<svg>{}</svg>", part.repeat(100_000)));
    }
}
