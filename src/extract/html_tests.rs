use proptest::prelude::*;

use super::*;

fn markdown(html: &str) -> String {
    let mut draft = Draft::default();
    body(&mut draft, html, &Options::default());
    draft.text
}

fn article(html: &str) -> String {
    page(html).map(|draft| draft.text).unwrap_or_default()
}

fn places(html: &str) -> Vec<String> {
    page(html).unwrap().places.iter().map(|start| start.place.to_string()).collect()
}

#[test]
fn blocks_are_written_as_people_write_them() {
    for (html, text) in [
        ("<h2>A  <b>b</b></h2><p>c<br>d<p>e", "## A b\n\nc\nd\n\ne\n"),
        ("<ul><li>a<li>b<ol start=3><li>c<li value=9>d</ol></ul>e", "- a\n- b\n  3. c\n  9. d\n\ne\n"),
        ("<ol><li><p>a</p><p>b</p></li><li>c</ol>", "1. a\n\n   b\n2. c\n"),
        ("<blockquote><p>a<p>b<ul><li>c</ul></blockquote>", "> a\n>\n> b\n>\n> - c\n"),
        ("<dl><dt>a<dt>b<dd>c<dd>d</dl>", "a, b: c\n\nd\n"),
        ("<pre class='language-rust'><code>fn a() {\n\n}</code></pre>", "```rust\nfn a() {\n\n}\n```\n"),
        ("<div class='highlight-python'><pre>x &lt; 1</pre></div>", "```python\nx < 1\n```\n"),
        (
            "<p># a</p><p>1 <code>b`</code> 10<sup>6</sup> H<sub>2</sub>O</p>",
            "\\# a\n\n1 `` b` `` 10^6 H2O\n",
        ),
        ("a<script>b</script><style>c</style><p hidden>d</p><p style='display: none'>e</p>f", "af\n"),
        (
            "<details><summary>a</summary>b</details><p>c &lt;d&gt; &amp;amp; &eacute;",
            "a\n\nb\n\nc \\<d> &amp; é\n",
        ),
        ("<img alt='A heron'><img alt='a.png'><label>Name <input value=x></label>", "A heron Name\n"),
        ("<b><p>a</b>b</p>c", "ab\n\nc\n"),
        ("<a href=x>a<p>b</a>c", "a\n\nbc\n"),
    ] {
        assert_eq!(markdown(html), text, "{html}");
    }
}

#[test]
fn tables_keep_their_rows_and_layout_is_no_table() {
    assert_eq!(
        markdown("<table><caption>T</caption><tr><th>a<th>b<tr><td rowspan=2>1<td>2<tr><td>3</table>"),
        "T\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n| 1 | 3 |\n"
    );
    assert_eq!(
        markdown("<table><tr><td colspan=2>a<td>b<tr><td>1<td>2<td>$<td>3</table>"),
        "| a |  | b |  |\n| --- | --- | --- | --- |\n| 1 | 2 |  | $3 |\n"
    );
    assert_eq!(markdown("<table><tr><td><h1>a</h1><p>b<td>c</table>"), "# a\n\nb\n\nc\n");
    assert_eq!(
        markdown("<table><tr><td>x<td><table><tr><th>a<th>b<tr><td>1<td>2</table></table>"),
        "x\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n"
    );
}

#[test]
fn footnotes_stand_where_they_are_referred_to() {
    let html = "<p>a<a role=doc-noteref href='#n'>1</a>, b.</p><p>c</p><aside id=n><p>1. Note <a role=doc-backlink href=#r>↩</a></aside>";
    assert_eq!(markdown(html), "a[^1], b.\n\n[^1]: Note\n\nc\n");
    let html =
        "<p>a<sup><a href='#fn1' id=fnref1>1</a></sup>.<ol><li id=fn1><p>Note <a href='#fnref1'>↩</a></ol>";
    assert_eq!(markdown(html), "a[^1].\n\n[^1]: Note\n");
}

#[test]
fn the_article_is_left_without_what_is_around_it() {
    let text = "Herons stand still for hours and then strike faster than anybody can see. ".repeat(5);
    let nav =
        "<ul><li><a href=1>Home</a><li><a href=2>Birds</a><li><a href=3>Fish</a><li><a href=4>About</a></ul>";
    for html in [
        format!("<nav>{nav}</nav><main><h1>Herons</h1><p>{text}</main><footer>Imprint</footer>"),
        format!(
            "<div>{nav}</div><div><h1>Herons</h1><p>{text}</div><div class=cookie-banner>We use cookies</div>"
        ),
        format!(
            "<header>Site</header><article><h1>Herons</h1><p>{text}<div class='share'>Tweet</div></article><aside>More</aside>"
        ),
        format!("<table><tr><td>{nav}<td><h1>Herons</h1><p>{text}</table>"),
    ] {
        assert_eq!(article(&html), format!("# Herons\n\n{}\n", text.trim()), "{html}");
    }
    // Where little would be left, all is.
    assert_eq!(article("<nav><p>Only this</nav><p>a"), "Only this\n\na\n");
    let index = (1..40).map(|n| format!("<li><a href={n}>Bird {n}</a>")).collect::<Vec<_>>().concat();
    assert!(article(&format!("<p>All birds:<ul>{index}</ul>")).contains("- Bird 39"));
}

#[test]
fn headings_are_places() {
    let html =
        "<p>x<p>y<h1>No id</h1><section id=a><h2>A</h2><p>z</section><a name=b></a><h2>B</h2><h2 id=c>C</h2>";
    assert_eq!(places(html), ["par1", "par2", "#a", "#b", "#c"]);
}

#[test]
fn pages_say_what_they_are() {
    let html = r#"<title> A &amp; B </title><meta name=author content="Ann Lee; Bo"><meta name=keywords content="x, y">
        <script type="application/ld+json">{"@graph": [{"datePublished": "2024-05-01T14:30:00Z"}]}</script><p>a"#;
    let about = page(html).unwrap().about;
    assert_eq!(about.title.as_deref(), Some("A & B"));
    assert_eq!(
        (about.authors, about.tags),
        (vec!["Ann Lee".into(), "Bo".into()], vec!["x".into(), "y".into()])
    );
    assert_eq!(about.date.as_deref(), Some("2024-05-01T14:30"));
}

#[test]
fn xhtml_ends_what_ends_itself() {
    let html = "<?xml version='1.0'?><html><head><title/><script src='a.js'/></head><body><p>a<a id='b'/></p>c</body></html>";
    assert_eq!(article(html), "a\n\nc\n");
    let html = "<html xmlns='http://www.w3.org/1999/xhtml'><head><title/><script src='a.js'/></head><body>a</body></html>";
    assert_eq!(article(html), "a\n");
    assert_eq!(article("<h2>A<a class=x href=#a>§</a></h2><dl><dt><ul><li>b</ul></dl>"), "## A\n\n- b\n");
}

#[test]
fn hostile_pages_end_soon() {
    for html in [
        "<div>".repeat(100_000) + "text",
        "<blockquote><p>a".repeat(20_000),
        "<table><tr><td>x".repeat(20_000),
        "<table><td>".to_owned() + &"<b>".repeat(50_000) + &"</p>".repeat(50_000),
        "<table>".to_owned() + &"<tr><td colspan=1000 rowspan=65534>x".repeat(20_000),
        "<a role=doc-noteref href=#n>1</a>".repeat(20_000) + "<p id=n>" + &"y".repeat(3000),
        "<ul><li>x".repeat(20_000),
        "<dl><dt>x".repeat(20_000),
        "<!--".repeat(100_000),
    ] {
        let length = html.len();
        assert!(markdown(&html).len() <= 100 * length);
        article(&html);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        parts in prop::collection::vec(
            prop_oneof![
                prop::sample::select(vec![
                    "<p>", "</p>", "<table>", "<tr>", "<td colspan=3 rowspan=2>", "<th>", "</table>", "<ul>", "<li>", "</ul>",
                    "<pre>", "</pre>", "<code>", "<h2 id=x>", "</h2>", "<a role=doc-noteref href=#x>", "</a>", "<blockquote>",
                    "<dl><dt>", "<dd>", "<sup>", "</sup>", "<math>", "<title>", "<br>", "<svg>", "<nav>", "<main>", "&lt;", "<!--",
                ]).prop_map(|tag| tag.as_bytes().to_vec()),
                prop::collection::vec(any::<u8>(), 0..8),
            ],
            0..40,
        )
    ) {
        let _ = read(&parts.concat());
    }
}
