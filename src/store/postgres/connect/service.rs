//! Services: named groups of parameters in a file, as libpq reads it.

/// The parameters of a service in the text of a file, or what is wrong with it; nothing if it isn't there.
pub(super) fn service(text: &str, name: &str) -> Result<Option<Vec<(String, String)>>, String> {
    let mut found = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(section) = line.strip_prefix('[') {
            if found.is_some() {
                break;
            }
            if section.strip_suffix(']') == Some(name) {
                found = Some(Vec::new());
            }
            continue;
        }
        let Some(parameters) = &mut found else { continue };
        let (key, value) = line.split_once('=').ok_or_else(|| format!("line {number} has no `=`"))?;
        let key = key.trim();
        if key == "service" {
            return Err(format!("line {number} names another service"));
        }
        parameters.push((key.to_owned(), value.trim().to_owned()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_its_parameters() {
        let text =
            "# all\n[other]\nhost=x\n\n[mine]\n host=db\n# why\nport = 5433\npassword=a=b \n[mine]\nuser=no";
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let mine = service(text, "mine").unwrap().unwrap();
        assert_eq!(mine, [pair("host", "db"), pair("port", "5433"), pair("password", "a=b")]);
        assert_eq!(service(text, "none").unwrap(), None);
        assert!(service("[a]\nhost", "a").unwrap_err().contains("line 2"));
        assert!(service("[a]\nservice=b", "a").is_err());
        assert!(service("junk\n[a]\nhost=x", "a").is_ok());
    }
}
