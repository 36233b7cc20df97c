//! The elements of HTML, as far as they make a difference to text (HTML Living Standard, section 4).

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// No element: text.
    Text,
    /// The root of the tree.
    Root,
    /// `html`, `head` or `body`: where they begin and end makes no difference.
    Frame,
    /// `title`.
    Title,
    /// `meta`, `link`, `base`: they say something and contain nothing.
    Meta,
    /// `script`.
    Script,
    /// What isn't shown: `style`, `template`, `noscript`, drawings, what is played.
    Unseen,
    /// `math`.
    Math,
    /// `annotation` in `math`.
    Annotation,
    /// `h1` to `h6`.
    Heading(u8),
    /// `p`.
    Paragraph,
    /// `main`.
    Main,
    /// `article`.
    Article,
    /// `nav`.
    Nav,
    /// `aside`.
    Aside,
    /// `header`.
    Header,
    /// `footer`.
    Footer,
    /// `form`.
    Form,
    /// `fieldset`, `details`, `div` and what else only groups.
    Block,
    /// `blockquote`.
    Quote,
    /// `ul`, `menu`, `dir`.
    Bullets,
    /// `ol`.
    Numbers,
    /// `li`.
    Item,
    /// `dl`.
    Terms,
    /// `dt`.
    Term,
    /// `dd`.
    Description,
    /// `table`.
    Table,
    /// `caption`.
    Caption,
    /// `thead`, `tbody`, `tfoot`.
    Rows,
    /// `tr`.
    Row,
    /// `td`.
    Cell,
    /// `th`.
    HeadCell,
    /// `pre`, `listing`, `xmp`, `plaintext`.
    Pre,
    /// `code`, `tt`.
    Code,
    /// `br`.
    Break,
    /// `hr`.
    Rule,
    /// `img`, `area`.
    Image,
    /// `input`.
    Input,
    /// `a`.
    Link,
    /// `sup`.
    Sup,
    /// `button`.
    Button,
    /// `select`, `datalist`.
    Select,
    /// `option`, `optgroup`.
    Choice,
    /// `label`, `legend`.
    Label,
    /// `rt`, `rp`: how something is read aloud.
    Reading,
    /// `q`.
    Quoted,
    /// `time`.
    Time,
    /// What contains nothing and shows nothing.
    Empty,
    /// All else, and what isn't known: part of a line.
    Inline,
}

impl Tag {
    /// The element of a name in lower case, without a namespace's prefix.
    pub(super) fn of(name: &[u8]) -> Self {
        match name {
            b"html" | b"head" | b"body" => Self::Frame,
            b"title" => Self::Title,
            b"meta" | b"link" | b"base" => Self::Meta,
            b"script" => Self::Script,
            b"style" | b"template" | b"noscript" | b"svg" | b"canvas" | b"iframe" | b"object" | b"video"
            | b"audio" | b"noembed" | b"noframes" | b"map" | b"dialog" => Self::Unseen,
            b"math" => Self::Math,
            b"annotation" | b"annotation-xml" => Self::Annotation,
            [b'h', level @ b'1'..=b'6'] => Self::Heading(level - b'0'),
            b"p" => Self::Paragraph,
            b"main" => Self::Main,
            b"article" => Self::Article,
            b"nav" => Self::Nav,
            b"aside" => Self::Aside,
            b"header" => Self::Header,
            b"footer" => Self::Footer,
            b"form" => Self::Form,
            b"div" | b"section" | b"fieldset" | b"details" | b"summary" | b"figure" | b"figcaption"
            | b"address" | b"center" | b"hgroup" | b"search" | b"frameset" | b"marquee" => Self::Block,
            b"blockquote" => Self::Quote,
            b"ul" | b"menu" | b"dir" => Self::Bullets,
            b"ol" => Self::Numbers,
            b"li" => Self::Item,
            b"dl" => Self::Terms,
            b"dt" => Self::Term,
            b"dd" => Self::Description,
            b"table" => Self::Table,
            b"caption" => Self::Caption,
            b"thead" | b"tbody" | b"tfoot" => Self::Rows,
            b"tr" => Self::Row,
            b"td" => Self::Cell,
            b"th" => Self::HeadCell,
            b"pre" | b"listing" | b"xmp" | b"plaintext" => Self::Pre,
            b"code" | b"tt" => Self::Code,
            b"br" => Self::Break,
            b"hr" => Self::Rule,
            b"img" | b"image" | b"area" => Self::Image,
            b"input" => Self::Input,
            b"a" => Self::Link,
            b"sup" => Self::Sup,
            b"button" => Self::Button,
            b"select" | b"datalist" => Self::Select,
            b"option" | b"optgroup" => Self::Choice,
            b"label" | b"legend" => Self::Label,
            b"rt" | b"rp" => Self::Reading,
            b"q" => Self::Quoted,
            b"time" => Self::Time,
            b"wbr" | b"col" | b"colgroup" | b"embed" | b"source" | b"track" | b"param" | b"frame" => {
                Self::Empty
            }
            _ => Self::Inline,
        }
    }

    /// A bit for it, shared by what is closed alike; of any set of elements one can say quickly what isn't in it.
    pub(super) fn bit(self) -> u32 {
        match self {
            Self::Paragraph => 1,
            Self::Item => 2,
            Self::Term | Self::Description => 4,
            Self::Cell | Self::HeadCell | Self::Caption => 8,
            Self::Row => 16,
            Self::Rows => 32,
            Self::Choice => 64,
            Self::Table => 128,
            Self::Block => 256,
            Self::Link => 512,
            Self::Inline => 1024,
            Self::Heading(_) => 2048,
            Self::Bullets | Self::Numbers => 4096,
            _ => 1 << 20,
        }
    }

    /// Whether it can't contain anything.
    pub(super) fn is_void(self) -> bool {
        matches!(self, Self::Meta | Self::Break | Self::Rule | Self::Image | Self::Input | Self::Empty)
    }

    /// Whether it stands apart from the text around it.
    pub(super) fn is_block(self) -> bool {
        self.is_part_of_table()
            || matches!(
                self,
                Self::Heading(_)
                    | Self::Paragraph
                    | Self::Main
                    | Self::Article
                    | Self::Nav
                    | Self::Aside
                    | Self::Header
                    | Self::Footer
                    | Self::Form
                    | Self::Block
                    | Self::Quote
                    | Self::Bullets
                    | Self::Numbers
                    | Self::Item
                    | Self::Terms
                    | Self::Term
                    | Self::Description
                    | Self::Table
                    | Self::Pre
                    | Self::Rule
            )
    }

    /// Whether it only makes sense in a table.
    pub(super) fn is_part_of_table(self) -> bool {
        matches!(self, Self::Caption | Self::Rows | Self::Row | Self::Cell | Self::HeadCell)
    }

    /// Whether it is a cell of a table.
    pub(super) fn is_cell(self) -> bool {
        matches!(self, Self::Cell | Self::HeadCell)
    }
}
