//! Units that have the system start a watch.

use super::vault::Vault;

#[test]
fn a_unit_names_program_and_index_by_whole_paths() {
    let vault = Vault::new();
    vault.rename("index", "100% \"mine\" & yours");
    let index = vault.path("100% \"mine\" & yours");
    let index = index.to_str().unwrap();
    let unit = vault.run(&["watch", "--index", "100% \"mine\" & yours", "--print-systemd"]);
    let line = unit.lines().find(|line| line.starts_with("ExecStart=\"/")).unwrap();
    assert!(line.contains(&index.replace('%', "%%").replace('"', "\\\"")), "{unit}");
    assert!(line.ends_with("\"watch\""), "{unit}");

    let list =
        vault.run(&["watch", "--index", "100% \"mine\" & yours", "--poll=30", "--print-launchd", "notes"]);
    assert!(list.contains(&format!("<string>{}</string>", index.replace('&', "&amp;"))), "{list}");
    assert!(list.contains("<string>--poll=30</string>"), "{list}");
    assert!(list.contains(&format!("<string>{}</string>", vault.path("notes").display())), "{list}");
}

#[test]
fn systemd_takes_the_unit() {
    let vault = Vault::new();
    let unit = vault.run(&["watch", "--print-systemd"]);
    vault.write("qsearch.service", &unit);
    let file = vault.path("qsearch.service");
    let Ok(verified) =
        std::process::Command::new("systemd-analyze").args(["verify", "--user"]).arg(&file).output()
    else {
        eprintln!("skipped: there is no systemd here");
        return;
    };
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert!(!said.contains("qsearch.service:"), "{said}");
}
