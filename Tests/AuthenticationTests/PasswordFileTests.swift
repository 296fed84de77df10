import Authentication
import Linux
import Testing

/// htpasswd files with bcrypt.
@Suite struct PasswordFileTests {
    /// "secret", made by htpasswd.
    private static let hash = "$2y$04$vmpKQa6B2ocpJhwSGIxiOuosftQM3wM.yyU9JbllocZK8idgp/35y"

    private func with(_ text: String, _ body: (PasswordFile, String) throws -> Void) throws {
        let path = "/tmp/davit-passwords-\(Process.id)-\(UInt32.random(in: 0 ... .max))"
        try FileSystem.replace(path, with: Array(text.utf8))
        defer { _ = try? FileSystem.removeFile(path) }  // Left behind it harms nobody.
        try body(try PasswordFile(path: path), path)
    }

    @Test("right, wrong, unknown") func verify() throws {
        try with("# users\n\nalice:\(Self.hash)\r\n") { file, _ in
            // The second time it is remembered.
            for _ in 1...2 {
                let isRight = try file.verify(user: "alice", password: "secret")
                #expect(isRight)
            }
            for (user, password) in [("alice", "Secret"), ("alice", ""), ("alice", "secret\0"), ("bob", "secret"), ("", ""), ("# users", "secret")] {
                let isRight = try file.verify(user: user, password: password)
                #expect(!isRight, "\(user) \(password)")
            }
        }
    }

    @Test("a user who is taken out is out, remembered or not") func reload() throws {
        try with("alice:\(Self.hash)\n") { file, path in
            let before = try file.verify(user: "alice", password: "secret")
            try FileSystem.replace(path, with: Array("bob:\(Self.hash)\n".utf8))
            let after = try file.verify(user: "alice", password: "secret"), bob = try file.verify(user: "bob", password: "secret")
            #expect(before && !after && bob)
        }
    }

    @Test("hashes that are none of bcrypt, and lines that are none", arguments: ["alice", "alice:", ":\(hash)", "alice:{SHA}abc", "alice:$apr1$x$y", "alice:secret"])
    func refused(line: String) {
        #expect(throws: (any Error).self) { try with(line + "\n") { _, _ in } }
    }
}
