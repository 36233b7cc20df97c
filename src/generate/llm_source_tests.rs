//! Names of language models.

use super::*;
use crate::error::Error;

#[test]
fn names_are_read_and_written() {
    for (said, shown) in [
        ("ollama:qwen3", "ollama:qwen3"),
        (" Ollama: qwen3:4b ", "ollama:qwen3:4b"),
        ("ollama:hf.co/bartowski/x:Q4", "ollama:hf.co/bartowski/x:Q4"),
        ("openai:gpt-5-mini", "openai:gpt-5-mini"),
        ("anthropic:claude-haiku-4-5", "anthropic:claude-haiku-4-5"),
        ("http://localhost:8080", "http://localhost:8080/v1"),
        ("http://localhost:8080/", "http://localhost:8080/v1"),
        ("http://localhost:8080/v1/", "http://localhost:8080/v1"),
        ("http://localhost:8080/v1/chat/completions", "http://localhost:8080/v1"),
        ("HTTP://LocalHost:8080/v1#qwen3", "http://localhost:8080/v1#qwen3"),
        ("http://localhost:8080/v1 qwen3", "http://localhost:8080/v1#qwen3"),
        ("http://localhost:8080/v1#", "http://localhost:8080/v1"),
        ("http://0.0.0.0:8080#a/b:c", "http://127.0.0.1:8080/v1#a/b:c"),
        ("https://openrouter.ai/api/v1#meta/llama", "https://openrouter.ai/api/v1#meta/llama"),
        ("https://x.example/v1beta/openai#g", "https://x.example/v1beta/openai#g"),
        ("http://[::1]:8000#m", "http://[::1]:8000/v1#m"),
        ("https://me:secret@llm.example#m", "https://llm.example/v1#m"),
    ] {
        let source = LlmSource::parse(said).unwrap();
        assert_eq!(source.to_string(), shown, "{said}");
        assert!(!format!("{source:?}").contains("secret"));
        let LlmSource::Url { url, .. } = &source else { continue };
        let again = LlmSource::Url { url: url.clone(), model: None };
        assert_eq!(again.address(&Access::default()).unwrap().whole(), *url, "the address stays what it is");
    }
}

#[test]
fn what_names_none_is_refused_without_its_credentials() {
    for said in [
        "",
        "qwen3",
        "ollama",
        "ollama:",
        "openai: ",
        "mistral:x",
        "ollama:a b",
        "openai:a\nb",
        "ftp://localhost",
        "file:///etc/passwd",
        "http://",
        "http://localhost#a b",
        "http://me:secret@ho st/v1#m",
        "httpx://me:secret@host/v1",
    ] {
        let Err(Error::Llm(LlmError::Unknown { said: shown })) = LlmSource::parse(said) else {
            panic!("{said} was read")
        };
        assert!(!shown.contains("secret"), "{shown}");
    }
}

#[test]
fn servers_are_where_variables_say() {
    let access = |host: Option<&str>, url: Option<&str>| Access {
        ollama_host: host.map(str::to_owned),
        openai_url: url.map(str::to_owned),
        ..Access::default()
    };
    let ollama = LlmSource::Ollama { model: "m".to_owned() };
    for (host, server) in [
        (None, "http://127.0.0.1:11434"),
        (Some("0.0.0.0"), "http://127.0.0.1:11434"),
        (Some("0.0.0.0:8000"), "http://127.0.0.1:8000"),
        (Some(":8000"), "http://127.0.0.1:8000"),
        (Some("[::]:9"), "http://[::1]:9"),
        (Some("box"), "http://box:11434"),
        (Some("http://box"), "http://box"),
        (Some("https://box:8443/"), "https://box:8443"),
    ] {
        assert_eq!(ollama.server(&access(host, None)).unwrap(), server, "{host:?}");
    }
    let openai = LlmSource::OpenAi { model: "m".to_owned() };
    assert_eq!(openai.server(&access(None, None)).unwrap(), "https://api.openai.com");
    assert!(openai.is_local(&access(None, Some("http://localhost:1234/v1"))).unwrap());
    assert!(openai.server(&access(None, Some("nonsense"))).is_err());
}

#[cfg(feature = "generate")]
#[test]
fn a_key_that_is_missing_is_named_before_anything_is_sent() {
    for (name, variable) in [("openai:m", "OPENAI_API_KEY"), ("anthropic:m", "ANTHROPIC_API_KEY")] {
        let opened = LlmSource::parse(name).unwrap().open(&Access::default());
        let Err(Error::Llm(LlmError::Unauthorized { variable: Some(named), .. })) = opened else {
            panic!("{name} was opened")
        };
        assert_eq!(named, variable);
    }
    let access = Access { openai_key: Some("sk-\u{7}secret".to_owned()), ..Access::default() };
    let refused = LlmSource::parse("openai:m").unwrap().open(&access).unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("secret"));
}

#[test]
fn models_of_a_cloud_are_not_on_this_machine() {
    for (name, here) in [
        ("ollama:qwen3", true),
        ("ollama:gpt-oss:120b-cloud", false),
        ("ollama:kimi:Cloud", false),
        ("http://localhost:11434#gpt-oss:120b-cloud", false),
    ] {
        assert_eq!(LlmSource::parse(name).unwrap().is_local(&Access::default()).unwrap(), here, "{name}");
    }
}
