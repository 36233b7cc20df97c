# A Nix expression that builds qsearch from this folder: `nix-build packaging/package.nix`.
{ pkgs ? import <nixpkgs> { } }:

pkgs.rustPlatform.buildRustPackage {
  pname = "qsearch";
  version = (builtins.fromTOML (builtins.readFile ../Cargo.toml)).package.version;
  src = pkgs.lib.cleanSource ../.;
  cargoLock.lockFile = ../Cargo.lock;
  nativeBuildInputs = [ pkgs.installShellFiles ];
  # The tests want a git history, a terminal and servers; `cargo test` in the folder runs them.
  doCheck = false;
  postInstall = ''
    mkdir manual
    $out/bin/qsearch man > manual/qsearch.1
    for command in index ask chat search get notes tags status extract check forget copy mcp serve watch embed eval model; do
      $out/bin/qsearch man $command > manual/qsearch-$command.1
    done
    installManPage manual/*.1
    installShellCompletion --cmd qsearch \
      --bash <($out/bin/qsearch completions bash) \
      --zsh <($out/bin/qsearch completions zsh) \
      --fish <($out/bin/qsearch completions fish)
  '';
  meta = {
    description = "Ask your notes: local semantic search and cited answers, in one binary with its model inside";
    license = with pkgs.lib.licenses; [ mit asl20 ];
    mainProgram = "qsearch";
  };
}
