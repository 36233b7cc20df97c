//! Streams that are damaged: the same each time, so that a failure stays one.

use qsearch::random::SplitMix64;

use crate::streams;

/// What streams are made of.
const PIECES: [&str; 25] = [
    "\n",
    "\r\n",
    "\r",
    "\u{feff}",
    ": wait",
    "data: ",
    "data:",
    "event: x\n",
    "error: ",
    "[DONE]",
    "{\"choices\":[{\"delta\":{\"content\":\"owls \"}}]}",
    "{\"choices\":[{\"delta\":{\"content\":\"Owls hunt at night.\\n\"}}]}",
    "{\"choices\":[{\"delta\":{\"content\":\"<think>\"}}]}",
    "{\"choices\":[{\"delta\":{\"content\":\"</think>{\\\"a\\\": [\\\"\"}}]}",
    "{\"choices\":[{\"delta\":{\"reasoning\":\"so\"},\"finish_reason\":\"length\"}]}",
    "{\"choices\":[],\"usage\":{\"prompt_tokens\":7}}",
    "{\"error\":{\"message\":\"no\\u001b\",\"code\":429}}",
    "{\"message\":{\"content\":\"owls \"},\"done\":false}",
    "{\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"length\"}",
    "{\"type\":\"content_block_delta\",\"delta\":{\"text\":\"owls \"}}",
    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"refusal\"}}",
    "{\"type\":\"message_stop\"}",
    "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}",
    "<!doctype html>",
    "\u{1f989}",
];

#[test]
fn damaged_streams_end_and_say_the_same_wherever_they_are_cut() {
    let mut dice = SplitMix64::new(17);
    for round in 0..2000 {
        let mut data = vec![[1, 2, 3, 7, 40][round % 5]];
        for _ in 0..dice.below(14) {
            data.extend(PIECES[dice.below(PIECES.len())].bytes());
            if dice.below(2) == 0 {
                data.extend(b"\n\n");
            }
        }
        if round % 3 == 0 {
            let at = 1 + dice.below(data.len());
            data.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << (round % 8));
        }
        streams::llm_ollama(&data);
        streams::llm_openai(&data);
        streams::llm_anthropic(&data);
    }
}
