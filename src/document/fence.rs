//! Fences of code in Markdown, told line by line.

/// A fence that is open (`CommonMark` 0.31, section 4.5): so many backquotes or tildes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fence {
    mark: char,
    width: usize,
}

impl Fence {
    /// Which fence is open after a line, if `open` is before it: one is closed by the same mark, at least as often and
    /// with nothing behind it.
    pub(crate) fn after(open: Option<Self>, line: &str) -> Option<Self> {
        let line = line.trim();
        let mark = line.chars().next().filter(|mark| ['`', '~'].contains(mark));
        let width = mark.map_or(0, |mark| line.chars().take_while(|&c| c == mark).count());
        match (open, mark) {
            (None, Some('`')) if line[width..].contains('`') => None,
            (None, Some(mark)) if width >= 3 => Some(Self { mark, width }),
            (Some(fence), Some(mark))
                if fence.mark == mark && width >= fence.width && width == line.len() =>
            {
                None
            }
            (open, _) => open,
        }
    }

    /// A line that closes it.
    pub(crate) fn closing(self) -> String {
        self.mark.to_string().repeat(self.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_closes_with_as_many_marks_or_never() {
        let open = |text: &str| text.lines().fold(None, Fence::after).map(Fence::closing);
        for closed in ["", "a", "```\n```", "~~~~ x\n~~~\n~~~~~", "```a`b```", "```\n~~~\n```"] {
            assert_eq!(open(closed), None, "{closed:?}");
        }
        assert_eq!(open("````\n```").as_deref(), Some("````"));
        assert_eq!(open("a\n ~~~ b\n~~~ c").as_deref(), Some("~~~"));
    }
}
