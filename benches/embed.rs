//! Tokens per second of the bundled encoder, by length of passage and number of threads.
//!
//! Run with `cargo bench --bench embed`. Each figure is the best of three runs over 4,096 tokens' worth of
//! passages of one length, made of words that are one token each; special tokens count, as they cost the same.
//! Beside it stands what that makes of integer products in the linear maps, and as a share of what the bare
//! kernel multiplies on as many threads.

#![expect(clippy::print_stdout, reason = "a benchmark reports to the terminal")]

use std::time::{Duration, Instant};

use qsearch::embed::{Embedder, Encoder, Input, Kernel};

/// Integer products that a token takes in the linear maps of the bundled model: six layers, 384 wide, with 1,536
/// in the middle.
const PRODUCTS: f64 = 6.0 * (4.0 * 384.0 * 384.0 + 2.0 * 384.0 * 1536.0);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("kernel    threads  length  tokens/s  GMAC/s  of peak");
    for kernel in Kernel::ALL.into_iter().rev() {
        let Some(encoder) = Encoder::bundled()?.with_kernel(kernel) else {
            continue;
        };
        let peak = kernel.peak().unwrap_or(f64::NAN);
        println!("{:<10}{peak:>33.0}    100 %  (the bare kernel, one thread)", kernel.name());
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
            for length in [8, 32, 128, 256] {
                let rate = pool.install(|| rate(&encoder, length))?;
                let reached = rate * PRODUCTS / 1e9;
                let share = 100.0 * reached / (peak * threads as f64);
                println!(
                    "{:<10}{threads:>7}{length:>8}{rate:>10.0}{reached:>8.0}{share:>7.0} %",
                    kernel.name()
                );
            }
        }
    }
    let start = Instant::now();
    Encoder::bundled()?.embed_query("what is the global interpreter lock")?;
    println!("a question with a new encoder: {:.2} ms", start.elapsed().as_secs_f64() * 1e3);
    Ok(())
}

/// Tokens per second over passages of `length` tokens.
fn rate(encoder: &Encoder, length: usize) -> qsearch::error::Result<f64> {
    const TOKENS: usize = 4096;
    const WORDS: [&str; 7] = ["memory", "is", "shared", "between", "threads", "of", "one"];
    let passages: Vec<String> = (0..TOKENS / length)
        .map(|at| (0..length - 2).map(|word| WORDS[(at + word * word) % 7]).collect::<Vec<_>>().join(" "))
        .collect();
    let passages: Vec<Input<'_>> = passages.iter().map(|text| text.as_str().into()).collect();
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let start = Instant::now();
        encoder.embed_passages(&passages)?;
        best = best.min(start.elapsed());
    }
    Ok((TOKENS / length * length) as f64 / best.as_secs_f64())
}
