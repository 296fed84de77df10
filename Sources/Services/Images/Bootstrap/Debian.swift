internal import Archive
internal import Diagnostics
internal import Layers
internal import Linux
internal import OCI
internal import Values

extension Images {
    /// A minimal Debian made by mmdebstrap(1) from the archive that the host's apt uses, checked against the keys that it uses.
    ///
    /// Times in the image are no later than the archive's own date, so that the same state of the archive gives the same image.
    func bootstrapDebian(_ reference: Reference, tag: String, include: [String], _ progress: (String) -> Void) throws -> Digest {
        guard let program = Self.find(["/usr/bin/mmdebstrap", "/usr/local/bin/mmdebstrap"]) else {
            throw Fault(.unavailable, "mmdebstrap is not on this machine: install the package mmdebstrap")
        }
        let isSlim = tag.hasSuffix("-slim")
        let suite = isSlim ? String(tag.dropLast(5)) : tag
        try Self.check(suite: suite, include: include)
        let entries = try AptSources.ofHost().entries(for: suite)
        let date = try Self.archiveDate(entries[0], in: paths.cache)
        progress("Archive \(entries[0].uri), suite \(suite), of \(date)")

        var arguments = ["mmdebstrap", "--variant=minbase", "--format=tar", "--skip=output/dev"]
        if FileSystem.exists(Self.mergedUsrHook) { arguments.append("--hook-dir=\(Self.mergedUsrHook)") }
        if !include.isEmpty { arguments.append("--include=\(include.joined(separator: ","))") }
        if isSlim { arguments += DebianSlim.options }
        for path in Self.hostFiles { arguments.append("--customize-hook=rm -f \"$1\"\(path)") }
        arguments += [suite, "-"] + entries.map(\.line)
        // A directory that is known to be nobody's once this process is gone, however it goes.
        let workplace = try layers.make()
        let own = ["SOURCE_DATE_EPOCH=\(date.seconds)", "LC_ALL=C.UTF-8", "TMPDIR=\(workplace.path)"]
        let environment = Environment.all.filter { variable in !own.contains { variable.prefix { $0 != "=" } == $0.prefix { $0 != "=" } } } + own

        // The closure outlives no call here, but a source of bytes is a class and so must hold it.
        let pending = try withoutActuallyEscaping(progress) { progress in
            defer { withExtendedLifetime(workplace) {} }
            let output = try ProcessOutput(Self.confined(program, arguments, environment), name: "mmdebstrap") { line in Self.step(line).map(progress) }
            let pending: PendingLayer
            do {
                pending = try layers.unpackAsOwn(output)
            } catch {
                // Half an archive is what the program's failure looks like from here: then the reason is its own.
                if output.hasEnded { try output.finish() }
                throw error
            }
            try output.finish()
            return pending
        }
        try Self.addDeviceDirectory(to: pending, date)
        progress("Unpacked \(pending.size) bytes")
        let layer = try commit(pending, over: nil)
        var config = ImageConfig()
        config.cmd = ["bash"]
        config.env = [defaultPath]
        let packages = include.isEmpty ? "" : " with \(include.joined(separator: ", "))"
        let document = ImageDocument(
            platform: .host, created: date, config: config, diffIDs: [layer.diffID],
            history: [.init(created: date, createdBy: "davit image bootstrap \(reference.familiar)", comment: "mmdebstrap \(suite)\(packages)")])
        return try record(document, layers: [layer], name: reference)
    }

    /// Starts with `/bin` and its like as links into `/usr`, as Debian's installer does, instead of moving files with a Perl program.
    private static let mergedUsrHook = "/usr/share/mmdebstrap/hooks/maybe-merged-usr"

    /// What mmdebstrap(1) is at, without its talk of how it does it: `I: extracting archives...`. Nil for everything else it says, the
    /// last of which is told when it fails.
    static func step(_ line: String) -> String? {
        guard line.hasPrefix("I: "), line.hasSuffix("..."), !line.contains("tempdir") else { return nil }
        return line.dropFirst(3).prefix(1).uppercased() + line.dropFirst(4).dropLast(3)
    }

    /// What tells machines apart, or would, and what is not the same from one run to the next.
    private static let hostFiles = [
        "/var/log/apt/*", "/var/log/dpkg.log", "/var/log/alternatives.log", "/var/log/bootstrap.log", "/var/cache/ldconfig/aux-cache",
        "/etc/resolv.conf", "/etc/hostname",
    ]

    /// mmdebstrap mounts `/proc`, `/sys` and devices into the tree that it makes, and leaves them there when it is killed. So it runs in
    /// mount and process namespaces of its own, which end with this program, however that ends: setpriv(1), unshare(1).
    private static func confined(_ program: String, _ arguments: [String], _ environment: [String]) throws(Fault) -> Spawn {
        guard let setpriv = find(["/usr/bin/setpriv"]), let unshare = find(["/usr/bin/unshare"]) else {
            throw Fault(.unavailable, "setpriv and unshare are not on this machine: install the package util-linux")
        }
        return Spawn(
            setpriv,
            ["setpriv", "--pdeathsig", "KILL", "--", unshare, "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child=KILL", "--mount-proc", program]
                + arguments.dropFirst(), environment: environment)
    }

    /// An empty `/dev`, where mmdebstrap makes nodes or nothing: every container has its own mounted there.
    private static func addDeviceDirectory(to layer: PendingLayer, _ date: Timestamp) throws {
        guard try FileSystem.status("\(layer.path)/dev") == nil else { return }
        try layer.directory.makeDirectory("dev")
        try layer.directory.changeMode("dev", to: 0o755)
        try layer.directory.setTimes(of: PathBytes("dev"), date)
        try layer.seal()
    }

    static func find(_ paths: [String]) -> String? { paths.first { FileSystem.exists($0) } }

    /// Both end up among mmdebstrap's arguments and in apt's files.
    static func check(suite: String, include: [String]) throws(Fault) {
        func isWord(_ text: String, _ extra: String) -> Bool {
            guard let first = text.utf8.first, text.utf8.count <= 128, first != UInt8(ascii: "-") else { return false }
            return text.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 122) || ($0 >= 65 && $0 <= 90) || extra.utf8.contains($0) }
        }
        guard isWord(suite, "-.") else { throw Fault(.invalid, "invalid suite \"\(suite)\"") }
        guard include.count <= 1000 else { throw Fault(.invalid, "more than 1000 packages to include") }
        for package in include where !isWord(package, "-.+:~=") { throw Fault(.invalid, "invalid package name \"\(package)\"") }
    }

    /// The date of the archive's release file, fetched as apt fetches (proxies and all). Its signature is mmdebstrap's business:
    /// a lie about the date changes nothing but times.
    private static func archiveDate(_ entry: AptSources.Entry, in cache: String) throws -> Timestamp {
        guard let helper = find(["/usr/lib/apt/apt-helper"]) else {
            throw Fault(.unavailable, "apt is not on this machine: install the package apt")
        }
        try FileSystem.makeDirectories(cache, mode: 0o700)
        let path = "\(cache)/InRelease-\(Identifier.random().short)"
        // Only temporary; what is left of an interrupted run is small and harmless.
        defer { _ = try? FileSystem.removeFile(path) }
        let output = try ProcessOutput(Spawn(helper, ["apt-helper", "download-file", "\(entry.uri)/dists/\(entry.suite)/InRelease", path]), name: "apt-helper")
        try BlockReader().drain(output)
        do {
            try output.finish()
        } catch {
            throw Fault(.unavailable, "cannot fetch the release file of \(entry.suite) from \(entry.uri): \(error)", cause: error)
        }
        let text = String(decoding: try FileSystem.read(path, limit: 4 << 20), as: UTF8.self)
        guard let date = text.split(whereSeparator: \.isNewline).first(where: { $0.hasPrefix("Date: ") }).flatMap({ releaseDate($0.dropFirst(6)) }) else {
            throw Fault(.internal, "the release file of \(entry.suite) at \(entry.uri) has no date")
        }
        return date
    }

    /// `Sat, 15 Mar 2025 09:28:15 UTC`, as RFC 2822 with UTC only.
    static func releaseDate(_ text: some StringProtocol) -> Timestamp? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words: [String] = text.split { $0 == " " }.map { String($0) }
        guard words.count == 6, let month = months.firstIndex(of: words[2]), ["UTC", "GMT", "+0000"].contains(words[5]) else { return nil }
        let two = { (number: String) in number.count == 1 ? "0\(number)" : number }
        return Timestamp("\(words[3])-\(two(String(month + 1)))-\(two(words[1]))T\(words[4])Z")
    }
}

/// What a slim image leaves out: documentation but for copyrights, manuals, and translations.
enum DebianSlim {
    private static let excluded = [
        "/usr/share/doc/*", "/usr/share/info/*", "/usr/share/linda/*", "/usr/share/lintian/overrides/*", "/usr/share/locale/*", "/usr/share/man/*",
    ]
    private static let kept = ["/usr/share/doc/*/copyright", "/usr/share/locale/locale.alias"]

    static var options: [String] {
        excluded.map { "--dpkgopt=path-exclude=\($0)" } + kept.map { "--dpkgopt=path-include=\($0)" }
    }
}
