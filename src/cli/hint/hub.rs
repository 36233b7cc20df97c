//! Advice about the hub that models are downloaded from.

use qsearch::error::HubError;
use qsearch::hub;

/// What to type again: what has come stays.
const AGAIN: &str = "type the same command again to go on";

/// What the user can do where a model can't be downloaded.
pub(super) fn hub_hint(error: &HubError) -> Option<String> {
    let hint = match error {
        HubError::Endpoint { .. } => "leave it unset, or write it like `https://huggingface.co`",
        HubError::Absent { .. } => {
            "check the network, and HTTPS_PROXY if there is a proxy; or copy the model's folder from another machine and \
             type `qsearch model import FOLDER`"
        }
        HubError::NoModel { .. } => {
            "check its name on the hub, and that it is neither private nor gated; `qsearch model list` shows known ones"
        }
        HubError::NoFile { .. } => {
            "if the hub has it as ONNX, download that with its tokenizer.json and name the folder with `--model FOLDER`"
        }
        HubError::Status { .. } => "try it later; HF_ENDPOINT names another hub",
        HubError::BadReply { .. } | HubError::TooLarge { .. } => {
            "check that the name is right, and HF_ENDPOINT if it is set"
        }
        HubError::Cut { .. } | HubError::Interrupted { .. } => AGAIN,
        HubError::Checksum { .. } => {
            "what came was thrown away; type the same command again, and if that doesn't help, leave HF_ENDPOINT unset"
        }
        HubError::Changed { .. } => "type the same command again to download what it is now",
        HubError::Busy { .. } => "wait for it to end",
        _ => return None,
    };
    Some(hint.to_owned())
}

/// How to get a model that was named and isn't here, if it is known that it can be got.
pub(super) fn get_instead(name: &str) -> Option<String> {
    let known = hub::known(name).filter(|known| hub::AVAILABLE && known.is_native)?;
    Some(format!(
        "`qsearch model get {0}` downloads it ({1} MB); then it is named `{0}`",
        known.name(),
        known.megabytes
    ))
}
