import Linux

/// Runs nft(8), which turns the text of the ruleset into what the kernel takes. Only when a table is missing.
enum RulesetLoader {
    /// Where distributions have it.
    private static let places = ["/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft", "/usr/local/sbin/nft"]

    /// One transaction: all of the text or nothing.
    static func load(_ text: String) throws(PlumbingError) {
        guard let program = places.first(where: FileSystem.exists) else { throw .ruleset("nft is not installed (Debian package nftables)") }
        let (code, errors) = try at("run \(program)") { () throws(SyscallError) in
            let rules = try FileDescriptor.memoryFile("ruleset")
            try rules.writeAll(text.utf8)
            let said = try FileDescriptor.memoryFile("nft")
            var spawn = Spawn(program, ["nft", "-f", "/proc/self/fd/0"], environment: ["LANG=C"])
            let output = try FileDescriptor.open("/dev/null", .writeOnly)
            spawn.give(rules, as: 0)
            spawn.give(output, as: 1)
            spawn.give(said, as: 2)
            let status = try spawn.start().wait()
            return (status.code, try said.read(upTo: 4096, at: 0))
        }
        if code != 0 { throw .ruleset(String(decoding: errors, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? "nft ended with \(code)") }
    }
}
