//! `--print-systemd` and `--print-launchd`: what has the system start a watch by itself.
//!
//! Paths may hold anything, and each of both has its own way to write that down.

use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::path::Path;

use qsearch::error::Error;

use super::super::args::WatchArgs;
use super::super::{Context, Failure, hint, printer};
use super::absolute;

/// What is started.
struct Started {
    /// The program with all its arguments.
    command: Vec<OsString>,
    /// The folder that it stands in, whose settings apply.
    folder: OsString,
}

/// Prints the unit that the arguments ask for.
pub(super) fn print(context: &Context, index: &Path, args: &WatchArgs) -> Result<(), Failure> {
    let program = std::env::current_exe().map_err(Error::io("find", "this program"))?;
    let mut command =
        vec![program.into_os_string(), "--index".into(), absolute(context, index).into_os_string()];
    if let Some(threads) = context.global.threads {
        command.extend(["--threads".into(), threads.to_string().into()]);
    }
    if context.global.trust {
        command.push("--trust".into());
    }
    command.push("watch".into());
    if let Some(seconds) = args.poll {
        command.push(format!("--poll={seconds}").into());
    }
    command.extend(args.paths.iter().map(|path| absolute(context, path).into_os_string()));
    let started = Started { command, folder: context.environment.around.cwd.clone().into_os_string() };
    printer::data(&if args.print_systemd { systemd(&started) } else { launchd(&started)? })
}

/// A unit of systemd.service(5), for the user's own services.
fn systemd(started: &Started) -> String {
    let command: Vec<String> =
        started.command.iter().enumerate().map(|(at, word)| systemd_word(word, at > 0)).collect();
    let mut unit = format!(
        "# ~/.config/systemd/user/qsearch.service; then: systemctl --user enable --now qsearch\n\
         [Unit]\n\
         Description=qsearch keeps the index of your notes up to date\n\
         \n\
         [Service]\n\
         ExecStart={}\n",
        command.join(" ")
    );
    if let Some(folder) = systemd_path(&started.folder) {
        // A dash says that the folder may be missing.
        let _ = writeln!(unit, "WorkingDirectory=-{folder}");
    }
    unit.push_str(
        "Restart=on-failure\n\
         RestartSec=30\n\
         Nice=10\n\
         IOSchedulingClass=idle\n\
         \n\
         [Install]\n\
         WantedBy=default.target\n",
    );
    unit
}

/// A word of a command line as systemd takes it: in quotation marks, with `%` for what it would fill in, and if variables
/// are filled in there, `$`.
fn systemd_word(word: &OsStr, has_variables: bool) -> String {
    let mut out = String::from("\"");
    for chunk in word.as_encoded_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                '%' => out.push_str("%%"),
                '$' if has_variables => out.push_str("$$"),
                c if c.is_control() => escape(&mut out, c.encode_utf8(&mut [0; 4]).as_bytes()),
                c => out.push(c),
            }
        }
        escape(&mut out, chunk.invalid());
    }
    out.push('"');
    out
}

/// Writes bytes as `\xNN`.
fn escape(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // A String takes whatever is written.
        let _ = write!(out, "\\x{byte:02x}");
    }
}

/// A path as systemd takes it where it is the whole value; `None` if it can't be written.
fn systemd_path(path: &OsStr) -> Option<String> {
    let text = path.to_str()?;
    let is_plain = !text.contains(|c: char| c.is_control() || c == '\\' || c == '"' || c == '\'');
    (is_plain && text.trim() == text).then(|| text.replace('%', "%%"))
}

/// A property list of launchd.plist(5).
fn launchd(started: &Started) -> Result<String, Failure> {
    let mut words = String::new();
    for word in &started.command {
        let _ = writeln!(words, "    <string>{}</string>", xml(word)?);
    }
    Ok(format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- ~/Library/LaunchAgents/qsearch.watch.plist; then: launchctl load -w that file -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>qsearch.watch</string>
  <key>ProgramArguments</key>
  <array>
{words}  </array>
  <key>WorkingDirectory</key>
  <string>{}</string>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>30</integer>
  <key>ProcessType</key>
  <string>Background</string>
  <key>LowPriorityIO</key>
  <true/>
  <key>Nice</key>
  <integer>10</integer>
</dict>
</plist>
"#,
        xml(&started.folder)?
    ))
}

/// A text as XML takes it. XML has no way to write control characters, nor what isn't UTF-8.
fn xml(text: &OsStr) -> Result<String, Failure> {
    let odd = |c: char| (c.is_control() && c != '\t') || c == '\u{fffe}' || c == '\u{ffff}';
    let Some(text) = text.to_str().filter(|text| !text.contains(odd)) else {
        let shown = text.to_string_lossy().into_owned();
        return Err(Failure::refused(
            format!("{shown} can't be written in a property list"),
            hint::watch::ODD_PATH,
        ));
    };
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    Ok(out)
}

#[cfg(test)]
#[path = "units_tests.rs"]
mod tests;
