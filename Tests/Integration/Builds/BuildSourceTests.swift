import Linux
import Testing

extension Integration {
    /// What builds take from elsewhere: git repositories, registries, addresses. Each test is on a host of its own, so ports are free.
    @Suite struct BuildSourceTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        @Test("git contexts: branch, tag, commit, subdirectory, submodules; the same for ADD") func git() throws {
            let script = """
                set -e; cd \(it.directory); export HOME=$PWD; mkdir git; cd git
                git config --global user.email a@example.com; git config --global user.name a; git config --global init.defaultBranch main
                git init -q part; echo part > part/file; git -C part add -A; git -C part commit -qm 1
                git init -q app; mkdir app/deep
                printf 'FROM busybox\\nCOPY . /c\\nRUN cd /c; find . -type f | cut -c3- | sort\\n' | tee app/Dockerfile > app/deep/Dockerfile
                git -C app add -A; git -C app commit -qm 1
                git daemon --base-path=$PWD --export-all --listen=127.0.0.1 --reuseaddr --pid-file=pid --detach $PWD
                until git ls-remote -q git://127.0.0.1/part > /dev/null; do :; done
                git -C app submodule add -q git://127.0.0.1/part part; git -C app commit -qm 2; git -C app tag v1
                git -C app checkout -qb side; echo > app/deep/side; git -C app add -A; git -C app commit -qm 3; git -C app rev-parse side
                """
            let made = try it.shell(script)
            #expect(made.code == 0, "\(made)")
            let commit = made.lines.last ?? ""
            func files(_ address: String) throws -> String {
                let outcome = try it.davit(["build", "--progress", "plain", "--no-cache", address])
                #expect(outcome.code == 0, "\(outcome)")
                let said = outcome.err.split(separator: "\n").compactMap { $0.split(separator: " ") }
                return said.filter { $0.count == 3 && $0[1].contains(".") && $0[2].first != "0" }.map { String($0[2]) }.joined(separator: " ")
            }
            let whole = ".gitmodules Dockerfile deep/Dockerfile part/.git part/file"
            #expect(try files("git://127.0.0.1/app#v1") == whole)
            #expect(try files("git://127.0.0.1/app#\(commit)") == ".gitmodules Dockerfile deep/Dockerfile deep/side part/.git part/file")
            #expect(try files("git://127.0.0.1/app#side:deep") == "Dockerfile side")
            #expect(try files("git://127.0.0.1/app?branch=main&subdir=deep") == "Dockerfile")
            for (address, reason) in [
                ("app#none", "couldn't find remote ref none"), ("app#v1:none", "subdirectory none does not exist"), ("none", "repository not exported"),
                ("app?commit=1234&ref=v1", "expected checksum to match 1234"),
            ] {
                let outcome = try it.davit("build", "git://127.0.0.1/\(address)")
                #expect(outcome.code == 1 && outcome.err.contains(reason), "\(outcome)")
            }
            let added = "FROM busybox\nADD git://127.0.0.1/app#v1 /g\nADD --keep-git-dir=true git://127.0.0.1/part /p\nRUN ls -A /g /p > /list\n"
            #expect(try it.davit(["build", "-q", "-t", "added", "-"], input: added).code == 0)
            #expect(try it.must("run", "--rm", "added", "cat", "/list") == "/g:\n.gitmodules\nDockerfile\ndeep\npart\n\n/p:\n.git\nfile")
            _ = try it.shell("kill $(cat \(it.directory)/git/pid)")
        }

        @Test("bases come from a registry, again with --pull, and images go there with --push (B05)") func registry() throws {
            let registry = try RegistryServer(on: it.network.map { .space($0) } ?? .own)
            func build(_ arguments: [String], _ dockerfile: String) throws -> Outcome { try it.davit(["build"] + arguments + ["-"], input: dockerfile) }
            func base(_ content: String) throws {
                let outcome = try build(["-q", "--push", "-t", "\(registry.address)/base"], "FROM busybox\nRUN echo \(content) > /content\n")
                #expect(outcome.code == 0, "\(outcome)")
            }
            try base("old")
            try it.must("rmi", "\(registry.address)/base")
            let dockerfile = "FROM \(registry.address)/base\nCMD cat /content\n"
            let first = try build(["--push", "-t", "\(registry.address)/app:1", "-t", "\(registry.address)/app:2"], dockerfile)
            #expect(first.code == 0, "\(first)")
            #expect(try registry.must("curl -s $URL/v2/app/tags/list | jq -c .tags") == "[\"1\",\"2\"]")
            try base("new")
            try it.must("tag", "\(registry.address)/app:1", "\(registry.address)/base")
            func content(_ arguments: [String]) throws -> String {
                let outcome = try build(["-q", "-t", "last"] + arguments, dockerfile)
                #expect(outcome.code == 0, "\(outcome)")
                return try it.must("run", "--rm", "last")
            }
            #expect(try content([]) == "old")
            #expect(try content(["--pull"]) == "new")
            let copied = try build(["-q"], "FROM scratch\nCOPY --from=\(registry.address)/app:1 /content /\n")
            #expect(copied.code == 0, "\(copied)")
            let missing = try build([], "FROM \(registry.address)/none\n")
            #expect(missing.code == 1 && missing.err.contains("ERROR: failed to build: failed to solve: ") && missing.err.contains("/none:latest not found"), "\(missing)")
            try registry.stop()
            let unheard = try build(["-q", "--push", "-t", "\(registry.address)/app:3"], dockerfile)
            #expect(unheard.code == 1 && unheard.err.contains("connection refused"), "\(unheard)")
        }
    }
}
