//! Tokens per second of the bundled encoder, by length of passage and number of threads.
//!
//! Run with `cargo bench --bench embed`. Each figure is the best of three runs over passages of one length that have
//! 4,096 tokens together, made of words that are one token each; special tokens count, as they cost the same. Two more
//! columns are the rate of integer products in the linear maps, and its share of the bare kernel's peak rate on as many
//! threads.
//!
//! With `QSEARCH_BENCH_MODEL` naming a folder that holds the same model as ONNX (`model.onnx` in 32-bit floats,
//! `model_int8.onnx` with dynamic quantisation, and the files of its tokenizer) and `ORT_DYLIB_PATH` naming ONNX
//! Runtime, the same passages go through fastembed in the same run, in one batch and in the batch size
//! that suits it best.

#![expect(clippy::print_stdout, reason = "a benchmark reports to the terminal")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use qsearch::embed::{Embedder, Encoder, Input, Kernel};

/// Integer products that a token takes in the linear maps of the bundled model: six layers, 384 wide, with 1,536
/// in the middle.
const PRODUCTS: f64 = 6.0 * (4.0 * 384.0 * 384.0 + 2.0 * 384.0 * 1536.0);

/// Tokens in a passage.
const LENGTHS: [usize; 4] = [8, 32, 128, 256];
/// Tokens that are embedded for one figure.
const TOKENS: usize = 4096;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Tokens per second by threads and length.
type Rates = BTreeMap<(usize, usize), f64>;

fn main() -> Outcome<()> {
    let ours = ours()?;
    let start = Instant::now();
    Encoder::bundled()?.embed_query("what is the global interpreter lock")?;
    println!("a question with a new encoder: {:.2} ms", start.elapsed().as_secs_f64() * 1e3);
    #[cfg(feature = "fastembed")]
    match (std::env::var_os("QSEARCH_BENCH_MODEL"), std::env::var_os("ORT_DYLIB_PATH")) {
        (Some(folder), Some(_)) => peers::compare(folder.as_ref(), &ours)?,
        _ => println!(
            "NOT COMPARED WITH FASTEMBED: set QSEARCH_BENCH_MODEL to a folder with the model as ONNX, and \
             ORT_DYLIB_PATH to ONNX Runtime"
        ),
    }
    #[cfg(not(feature = "fastembed"))]
    println!("NOT COMPARED WITH FASTEMBED: built without it ({} figures)", ours.len());
    Ok(())
}

/// Measures every kernel that this processor runs, and returns the figures of the fastest.
fn ours() -> Outcome<Rates> {
    let mut rates = Rates::new();
    println!("kernel    threads  length  tokens/s  GMAC/s  of peak");
    for kernel in Kernel::ALL.into_iter().rev() {
        let Some(encoder) = Encoder::bundled()?.with_kernel(kernel) else {
            continue;
        };
        let peak = kernel.peak().unwrap_or(f64::NAN);
        println!("{:<10}{peak:>33.0}    100 %  (the bare kernel, one thread)", kernel.name());
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
            for length in LENGTHS {
                let rate = pool.install(|| rate(&encoder, length))?;
                rates.entry((threads, length)).or_insert(rate);
                let reached = rate * PRODUCTS / 1e9;
                let share = 100.0 * reached / (peak * threads as f64);
                println!(
                    "{:<10}{threads:>7}{length:>8}{rate:>10.0}{reached:>8.0}{share:>7.0} %",
                    kernel.name()
                );
            }
        }
    }
    Ok(rates)
}

/// Passages of `length` tokens.
fn passages(length: usize) -> Vec<String> {
    const WORDS: [&str; 7] = ["memory", "is", "shared", "between", "threads", "of", "one"];
    let passage =
        |at| (0..length - 2).map(|word| WORDS[(at + word * word) % 7]).collect::<Vec<_>>().join(" ");
    (0..TOKENS / length).map(passage).collect()
}

/// The best of three runs of `embed` over so many passages of `length` tokens, in tokens per second.
fn best<E>(length: usize, mut embed: impl FnMut() -> Result<(), E>) -> Result<f64, E> {
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let start = Instant::now();
        embed()?;
        best = best.min(start.elapsed());
    }
    Ok((TOKENS / length * length) as f64 / best.as_secs_f64())
}

/// Tokens per second over passages of `length` tokens.
fn rate(encoder: &Encoder, length: usize) -> qsearch::error::Result<f64> {
    let passages = passages(length);
    let passages: Vec<Input<'_>> = passages.iter().map(|text| text.as_str().into()).collect();
    best(length, || encoder.embed_passages(&passages).map(|_| ()))
}

/// The same model in ONNX Runtime.
#[cfg(feature = "fastembed")]
mod peers {
    use std::path::Path;

    use fastembed::{
        InitOptionsUserDefined, Pooling, QuantizationMode, TextEmbedding, TokenizerFiles,
        UserDefinedEmbeddingModel,
    };

    use super::{LENGTHS, Outcome, Rates, best, passages};

    /// Batch sizes of which the best counts.
    const BATCHES: [usize; 3] = [1, 8, 32];

    pub(super) fn compare(folder: &Path, ours: &Rates) -> Outcome<()> {
        println!("fastembed  threads  length  all in a batch  ratio   best batch  ratio");
        for (name, file) in [("fp32", "model.onnx"), ("int8", "model_int8.onnx")] {
            for threads in [1, 2] {
                let mut model = open(folder, file, threads)?;
                for length in LENGTHS {
                    let [whole, most] = rates(&mut model, length)?;
                    let ours = ours[&(threads, length)];
                    println!(
                        "{name:<10}{threads:>8}{length:>8}{whole:>16.0}{:>7.2}{most:>13.0}{:>7.2}",
                        ours / whole,
                        ours / most
                    );
                }
            }
        }
        Ok(())
    }

    fn open(folder: &Path, file: &str, threads: usize) -> Outcome<TextEmbedding> {
        let read = |name: &str| std::fs::read(folder.join(name)).map_err(|error| format!("{name}: {error}"));
        let tokenizer_files = TokenizerFiles {
            tokenizer_file: read("tokenizer.json")?,
            config_file: read("config.json")?,
            special_tokens_map_file: read("special_tokens_map.json")?,
            tokenizer_config_file: read("tokenizer_config.json")?,
        };
        let model = UserDefinedEmbeddingModel {
            onnx_file: read(file)?,
            external_initializers: Vec::new(),
            tokenizer_files,
            pooling: Some(Pooling::Mean),
            // It would restrict batches for the sake of accuracy; here only the speed of batches matters.
            quantization: QuantizationMode::None,
            output_key: None,
        };
        let options = InitOptionsUserDefined::new().with_max_length(256).with_intra_threads(threads);
        Ok(TextEmbedding::try_new_from_user_defined(model, options)?)
    }

    /// Tokens per second over passages of `length` tokens: all of them in one batch, as fastembed does by default
    /// (and insists on with dynamic quantisation), and in the batch size that suits it best.
    fn rates(model: &mut TextEmbedding, length: usize) -> Outcome<[f64; 2]> {
        let passages = passages(length);
        let mut rate = |batch| best(length, || model.embed(&passages, Some(batch)).map(|_| ()));
        let whole = rate(passages.len())?;
        let mut most = whole;
        for batch in BATCHES {
            most = most.max(rate(batch)?);
        }
        Ok([whole, most])
    }
}
