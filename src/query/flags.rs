//! Flags in a question: a dash that belongs to an option of a command, not to a word that is to be left out.
//!
//! Nothing is known here of what the notes say; what can be seen are the words beside the dash and its line.

use std::collections::BTreeMap;

/// What a dash before a word is, as far as the question shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dash {
    /// Part of a flag, or the mark of a line of a list: text.
    Text,
    /// Behind the name of a command that is a word as well: what the notes say may tell.
    Doubtful,
}

/// The most words of a question that are looked at.
const MOST_WORDS: usize = 1000;
/// How far a command reaches: the most words between it, or a flag, and the next flag.
const REACH: usize = 3;
/// The most letters of several flags in one.
const CLUSTER: usize = 5;

/// The names of commands that hardly mean anything else.
const TOOLS: &str = "tar rm ls grep egrep fgrep rg awk gawk sed curl wget rsync scp sftp ssh ssh-keygen chmod chown chgrp \
    mkdir rmdir mv cp ln ps df du dd gcc g++ clang clang++ cc ld nm objdump gdb lldb ffmpeg ffprobe openssl gpg pandoc \
    pdflatex xelatex latexmk xargs tee zip unzip gzip gunzip bzip2 xz zstd 7z netstat lsof nmap traceroute \
    nslookup ifconfig iptables tcpdump nc systemctl journalctl crontab uname useradd usermod apt-get dpkg yum dnf pacman \
    pip npm npx rustc javac mvn psql pg_dump mysqldump sqlite3 redis-cli kubectl helm tmux strace xrandr exiftool \
    mogrify jq wc uniq tr nohup mkfs fsck lsblk fdisk dmesg pkill pgrep killall ldapsearch adb fastboot robocopy xcopy sh \
    zsh pytest tsc hexdump xxd md5sum sha256sum yt-dlp youtube-dl cmake meson ninja systemd-run docker-compose";

/// Long flags of such commands.
const LONG: &str = "name iname type exec help version verbose quiet static shared pthread pedantic ansi pipe include nodes \
    newkey keyout out in new key days subj noout text inform outform connect showcerts codec vcodec acodec preset map \
    filter_complex resize quality crop rotate strip density display output input mode rate force recursive all user";

/// The names of commands that are words as well, or what people have notes on, with those flags that are known to be
/// theirs. A `*` stands for any rest.
const TOPICS: [(&str, &str); 26] = [
    (
        "find",
        "name iname type mtime atime ctime mmin amin cmin newer exec execdir ok delete print print0 maxdepth mindepth \
         size perm user group prune path ipath wholename regex iregex empty depth xdev mount links inum not ls quit",
    ),
    ("java", "jar cp classpath version server client verbose ea esa agentlib* javaagent* X* D*"),
    ("docker", "it ti itd dit rm td"),
    ("podman", "it ti itd dit rm td"),
    ("git", "am pm ff sS gc fd fdx fx stat"),
    ("go", "run bench race cover count timeout tags ldflags gcflags mod vet json short"),
    ("python", "vv OO bb im c* W* X*"),
    ("perl", "pe ne pi pie lane nle i*"),
    ("ruby", "ne pe rn"),
    ("node", "pe"),
    ("make", "j* C* nB"),
    ("sort", "rn nr nrk nk hr rh un nu k* t*"),
    ("head", "n* c*"),
    ("tail", "n* c* fn nf"),
    ("cut", "d* f* c*"),
    ("kill", "KILL HUP TERM INT USR1 USR2 STOP CONT SIG*"),
    ("screen", "ls wipe dr dm dmS RR"),
    ("convert", "resize quality crop rotate strip density flatten append geometry background gravity"),
    ("magick", "resize quality crop rotate strip density flatten append geometry background gravity"),
    ("test", "eq ne lt gt le ge nt ot ef"),
    ("cargo", "vv Z*"),
    ("mysql", "u* p* h*"),
    ("terraform", "auto-approve target* var* out* backend-config* upgrade destroy"),
    ("cat", "nA An vET sn"),
    ("mount", "ro rw"),
    ("bash", "xe ex eu eux euo lc ic xv"),
];

/// The first halves of the names of commands in Windows' shell.
const VERBS: &str = "Get Set New Remove Start Stop Restart Test Invoke Import Export Add Clear Copy Move Rename Out Select \
    Where Sort Write Read Enable Disable Install Uninstall Update ConvertTo ConvertFrom Measure Group Format Join Split";

/// The words that say that a word beside them is a flag, or the end of a word.
const SAYS_FLAG: &str = "flag flags option options switch switches argument arguments parameter parameters suffix \
    suffixes ending endings";

/// A command in a question.
#[derive(Clone, Copy)]
enum Command {
    /// Named by its path, or after a prompt: whatever follows may be its flags.
    Any,
    /// One that hardly means anything else.
    Tool,
    /// One that is a word as well, with its flags.
    Topic(&'static str),
}

/// What came before in a line.
#[derive(Default)]
struct Before<'a> {
    command: Option<Command>,
    /// Whether there was a flag.
    flags: bool,
    /// The words since the command or the last flag.
    words: usize,
    last: &'a str,
}

/// The dashes of a question, by where they stand in it, but for those that exclude a word by all that can be seen.
pub(super) fn dashes(question: &str) -> BTreeMap<usize, Dash> {
    let mut dashes = BTreeMap::new();
    let lines = question.trim().contains('\n');
    let place = |part: &str| part.as_ptr().addr() - question.as_ptr().addr();
    let mut left = if question.contains('-') { MOST_WORDS } else { 0 };
    for line in question.split('\n') {
        let (mut before, mut first) = (Before::default(), true);
        let mut words = line.split_whitespace().take(left).peekable();
        while let Some(word) = words.next() {
            left -= 1;
            let next = words.peek().copied().unwrap_or_default();
            if let Some(name) = flag(word) {
                let dash = if first && lines { Some(Dash::Text) } else { before.dash(name, next) };
                dashes.extend(dash.map(|dash| (place(word), dash)));
            } else {
                before.word(word);
            }
            (before.last, first) = (word, false);
        }
        if left == 0 {
            break;
        }
    }
    dashes
}

/// The name of a flag with one dash.
fn flag(word: &str) -> Option<&str> {
    let name = word.trim_start_matches('(').strip_prefix('-')?;
    name.starts_with(char::is_alphabetic).then(|| bare(name))
}

/// A word without the marks around it.
fn bare(word: &str) -> &str {
    word.trim_matches(['(', ')', '"', '\'', '`', '?', '!', ',', ';', ':'])
}

fn lists(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|known| match known.strip_suffix('*') {
        Some(begin) => word.starts_with(begin),
        None => known == word,
    })
}

impl Before<'_> {
    /// What a dash before a name is.
    fn dash(&mut self, name: &str, next: &str) -> Option<Dash> {
        let near = self.words <= REACH;
        let says_flag = |word: &str| lists(SAYS_FLAG, &bare(word).to_lowercase());
        let dash = if self.flags && near || name.contains('=') {
            Some(Dash::Text)
        } else if says_flag(self.last) || says_flag(next) {
            return Some(Dash::Text);
        } else {
            self.command.filter(|_| near).map(|command| command.takes(name))
        };
        if dash == Some(Dash::Text) || name.chars().count() == 1 {
            (self.flags, self.words) = (true, 0);
        }
        dash
    }

    /// Goes on by a word that is no flag with one dash.
    fn word(&mut self, word: &str) {
        let name = bare(word);
        if word.strip_prefix("--").is_some_and(|name| name.starts_with(char::is_alphabetic)) {
            (self.flags, self.words) = (true, 0);
        } else if let Some(command) = Command::named(name) {
            *self = Self { command: Some(command), ..Self::default() };
        } else if ends_sentence(word) || ["|", "||", "&&"].contains(&word) {
            *self = Self::default();
        } else {
            self.words += 1;
        }
    }
}

/// Whether a sentence ends with a word; a folder (`.`) is none.
fn ends_sentence(word: &str) -> bool {
    word.ends_with(['.', '?', '!', ';', ',']) && word.contains(char::is_alphanumeric)
}

impl Command {
    /// The command that a word names.
    fn named(word: &str) -> Option<Self> {
        let starts = ["./", "../", "~/", "/"].iter().any(|start| word.starts_with(start));
        let script = [".sh", ".exe", ".bat", ".ps1", ".py"];
        let ends = word.len() > 4 && script.iter().any(|end| word.ends_with(end));
        let in_powershell = word.split_once('-').is_some_and(|(verb, noun)| {
            lists(VERBS, verb) && noun.starts_with(|c: char| c.is_ascii_uppercase())
        });
        if in_powershell || ends || ["$", "%", "sudo"].contains(&word) || (starts && word.len() > 3) {
            return Some(Self::Any);
        }
        let name = word.to_lowercase();
        // python3.12, pip3, gcc-12
        let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
        if lists(TOOLS, &name) || lists(TOOLS, plain) {
            return Some(Self::Tool);
        }
        TOPICS.iter().find(|(topic, _)| *topic == plain).map(|(_, flags)| Self::Topic(flags))
    }

    /// What a dash before a name is, some words after the command.
    fn takes(self, name: &str) -> Dash {
        let long = name.chars().count();
        let cluster = || {
            let vowels = name.to_lowercase().contains(['a', 'e', 'i', 'o', 'u', 'y']);
            long <= 3 || (long <= CLUSTER && !vowels)
        };
        let is_flag = match self {
            Self::Any => true,
            Self::Topic(flags) => lists(flags, name),
            Self::Tool => {
                let odd = name.chars().any(|c| c.is_uppercase() || c.is_ascii_digit());
                name.is_ascii() && (odd || cluster() || lists(LONG, name))
            }
        };
        if is_flag { Dash::Text } else { Dash::Doubtful }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The dashed words of a question that are text, and those that may be.
    fn seen(question: &str) -> (Vec<&str>, Vec<&str>) {
        let word = |at: &usize| question[*at..].split_whitespace().next().unwrap();
        let of = |kind| {
            let dashes = dashes(question);
            dashes.iter().filter(|(_, dash)| **dash == kind).map(|(at, _)| word(at)).collect()
        };
        (of(Dash::Text), of(Dash::Doubtful))
    }

    #[test]
    fn flags_of_commands_are_text() {
        for (question, flags) in [
            ("how do I unpack with tar -xzf", "-xzf"),
            ("what does rm -rf do", "-rf"),
            ("find . -type f -name x", "-type -name"),
            ("find . -mtime -7", "-mtime"),
            ("java -jar", "-jar"),
            ("Java -Xmx2g -jar app.jar", "-Xmx2g -jar"),
            ("curl -sS https://x.org", "-sS"),
            ("docker run -it ubuntu", "-it"),
            ("kubectl get pods -n kube-system -owide", "-n -owide"),
            ("git log -p --stat -follow", "-follow"),
            ("gcc -Wall -lm", "-Wall -lm"),
            ("g++ main.cpp -std=c++17 -O2", "-std=c++17 -O2"),
            ("ssh -i key -vvv host", "-i -vvv"),
            ("ls -la", "-la"),
            ("grep -rn foo", "-rn"),
            ("netstat -plnt", "-plnt"),
            ("ps aux and ps -ef", "-ef"),
            ("rsync -avz --delete a b", "-avz"),
            ("openssl req -x509 -newkey rsa:4096 -nodes", "-x509 -newkey -nodes"),
            ("python3.12 -vv script", "-vv"),
            ("./run.sh -verbose", "-verbose"),
            ("sudo iptables -nvL", "-nvL"),
            ("Get-ChildItem -Recurse -Filter *.md", "-Recurse -Filter"),
            ("mvn package -DskipTests", "-DskipTests"),
            ("what does the -jar option do", "-jar"),
            ("words with the suffix -tion", "-tion"),
            ("psql -lqt | grep -cw name", "-lqt -cw"),
            ("a\n-bc\n-de", "-bc -de"),
            ("-apples\n-pears", "-apples -pears"),
        ] {
            assert_eq!(seen(question).0.join(" "), flags, "{question}");
        }
    }

    #[test]
    fn words_are_left_out() {
        for question in [
            "python -snakes", // doubtful, see below
            "jaguar -car",
            "apple -fruit recipes",
            "laptop -MacBook",
            "kubernetes docker -swarm",
            "git is a tool. Not -svn",
            "rest of the week, what about the tar and feathers and so on -history",
            "the flags of Europe -France",
            "curl -hair",
            "tar -sands",
            "tree -apple",
            "Get well soon -flowers",
        ] {
            assert!(seen(question).0.is_empty(), "{question}");
        }
        assert_eq!(seen("python -snakes").1, ["-snakes"]);
        assert_eq!(seen("java -island").1, ["-island"]);
        assert_eq!(seen("netstat -tulpn").1, ["-tulpn"]);
        assert!(seen("jaguar -car").1.is_empty());
    }
}
