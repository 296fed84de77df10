internal import CSSL
internal import Linux

/// The certificate authorities that the host believes: the first bundle found, or else every file of the first directories found,
/// at the places where distributions keep them. `SSL_CERT_FILE` and `SSL_CERT_DIR` (separated by colons) take their place, as with
/// OpenSSL and Go.
enum SystemRoots {
    private static let files = [
        "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Arch, Gentoo
        "/etc/pki/tls/certs/ca-bundle.crt",  // Fedora, RHEL 6
        "/etc/ssl/ca-bundle.pem",  // OpenSUSE
        "/etc/pki/tls/cacert.pem",  // OpenELEC
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL 7 and later
        "/etc/ssl/cert.pem",  // Alpine
    ]
    private static let directories = ["/etc/ssl/certs", "/etc/pki/tls/certs"]
    private static let bundleBytes = 16 << 20
    private static let filesInDirectory = 2000

    /// Adds them; a host without any believes nobody.
    static func add(to store: OpaquePointer) {
        let file = Environment.value("SSL_CERT_FILE").flatMap { $0.isEmpty ? nil : $0 }
        let directory = Environment.value("SSL_CERT_DIR").flatMap { $0.isEmpty ? nil : $0 }
        var found = 0
        for path in file.map({ [$0] }) ?? files {
            // Where there is no such file, the next place is meant.
            guard let text = try? FileSystem.read(path, limit: bundleBytes) else { continue }
            found += PEM.add(text, to: store)
            if found > 0 { break }
        }
        if found > 0, directory == nil { return }
        for path in directory.map({ $0.split(separator: ":").map(String.init) }) ?? directories {
            // As above.
            guard let names = try? FileDescriptor.open(path, [.readOnly, .directory]).entries(limit: filesInDirectory) else { continue }
            for name in names {
                guard let text = try? FileSystem.read("\(path)/\(name)", limit: 1 << 20) else { continue }
                found += PEM.add(text, to: store)
            }
        }
    }
}
