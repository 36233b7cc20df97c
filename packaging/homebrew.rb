# A Homebrew formula; `packaging/archive.py --url URL` fills in what stands between @.
class Qsearch < Formula
  desc "Ask your notes: local semantic search and cited answers"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_linux do
    on_intel do
      url "@URL@/qsearch-@VERSION@-x86_64-unknown-linux-gnu.tar.gz"
      sha256 "@x86_64-unknown-linux-gnu@"
    end
    on_arm do
      url "@URL@/qsearch-@VERSION@-aarch64-unknown-linux-gnu.tar.gz"
      sha256 "@aarch64-unknown-linux-gnu@"
    end
  end

  def install
    bin.install "qsearch"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/qsearch.bash" => "qsearch"
    zsh_completion.install "completions/_qsearch"
    fish_completion.install "completions/qsearch.fish"
  end

  test do
    (testpath/"notes/lock.md").write "# The GIL\n\nThe global interpreter lock lets one thread run at a time.\n"
    system bin/"qsearch", "--index", "index", "index", "notes"
    assert_match "one thread", shell_output("#{bin}/qsearch --index index ask what is the GIL")
  end
end
