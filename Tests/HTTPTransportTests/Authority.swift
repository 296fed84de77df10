import Linux
import TLS
import Testing
import Values

/// A certificate authority of its own, made by the openssl program for one run of the tests.
final class Authority: Sendable {
    let certificate: [UInt8]
    private let key: [UInt8]

    /// One for all tests: making keys takes a while.
    static let shared = Result { try Authority("first") }
    static let other = Result { try Authority("second") }

    private init(_ name: String) throws {
        (certificate, key) = try Self.inDirectory { directory in
            try Self.openssl([
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=\(name) authority",
                "-keyout", "\(directory)/ca.key", "-out", "\(directory)/ca.crt", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            ])
            return (try FileSystem.read("\(directory)/ca.crt"), try FileSystem.read("\(directory)/ca.key"))
        }
    }

    /// A place for openssl's files, which is removed afterwards.
    private static func inDirectory<Made>(_ make: (String) throws -> Made) throws -> Made {
        let directory = "/tmp/davit-tls-\(Identifier.random().short)"
        try FileSystem.makeDirectories(directory)
        defer { try? FileSystem.removeTree(directory) }  // Nothing depends on it.
        return try make(directory)
    }

    /// A certificate for the alternative names given, such as `DNS:localhost,IP:127.0.0.1`; without names it has a common name only.
    func identity(_ names: String?, expired: Bool = false, usage: String = "serverAuth,clientAuth") throws -> TLSIdentity {
        try Self.inDirectory { try identity(names, expired: expired, usage: usage, in: $0) }
    }

    private func identity(_ names: String?, expired: Bool, usage: String, in directory: String) throws -> TLSIdentity {
        let base = "\(directory)/own"
        try FileSystem.replace("\(directory)/ca.crt", with: certificate)
        try FileSystem.replace("\(directory)/ca.key", with: key)
        let extensions = "extendedKeyUsage=\(usage)\n" + (names.map { "subjectAltName=\($0)\n" } ?? "")
        try FileSystem.replace("\(base).ext", with: Array(extensions.utf8))
        try Self.openssl([
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost", "-keyout", "\(base).key", "-out",
            "\(base).csr",
        ])
        // Only `ca` makes certificates of the past, and it keeps books.
        let config = """
            [ca]
            default_ca = own
            [own]
            database = \(base).db
            new_certs_dir = \(directory)
            default_md = sha256
            rand_serial = yes
            policy = any
            [any]
            commonName = supplied
            """
        try FileSystem.replace("\(base).cnf", with: Array(config.utf8))
        try FileSystem.replace("\(base).db", with: [])
        let end = expired ? ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"] : ["-days", "1"]
        try Self.openssl(
            [
                "ca", "-batch", "-notext", "-config", "\(base).cnf", "-in", "\(base).csr", "-cert", "\(directory)/ca.crt", "-keyfile",
                "\(directory)/ca.key", "-extfile", "\(base).ext", "-out", "\(base).crt",
            ] + end)
        return TLSIdentity(certificates: try FileSystem.read("\(base).crt"), key: try FileSystem.read("\(base).key"))
    }

    private static func openssl(_ arguments: [String]) throws {
        var spawn = Spawn("/usr/bin/openssl", ["openssl"] + arguments, environment: ["PATH=/usr/bin:/bin"])
        let quiet = try FileDescriptor.open("/dev/null", [.readWrite])
        for number: Int32 in 0...2 { spawn.give(quiet, as: number) }
        let status = try spawn.start().wait()
        try #require(status == .exited(0), "openssl \(arguments)")
    }
}
