package import Diagnostics
internal import Linux

/// The files that say whom to trust and who we are, for one registry: `certs.d/<host:port>/`.
///
/// Every `*.crt` is a root certificate, whatever its name; `<name>.cert` with `<name>.key` is a certificate to show the server.
package struct HostCertificates: Sendable, Hashable {
    /// Paths of PEM files.
    package var roots: [String] = []
    /// Paths of PEM files, in alphabetical order: the order they are tried in.
    package var identities: [Identity] = []

    package struct Identity: Sendable, Hashable {
        package var certificate: String
        package var key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    package init() {}

    /// Reads the directory named `host` (as references have it, port included) below each of `directories`; none is right.
    /// Throws Docker's words when one half of a pair is missing.
    package init(host: String, in directories: [String]) throws(Fault) {
        for directory in directories { try add("\(directory)/\(host)") }
    }

    private mutating func add(_ path: String) throws(Fault) {
        let names: [String]
        do throws(SyscallError) {
            guard FileSystem.exists(path) else { return }
            names = try FileDescriptor.open(path, [.directory]).entries().sorted()
        } catch { throw Fault(.internal, "cannot read \(path): \(error)", cause: error) }
        let all = Set(names)
        for name in names {
            if name.hasSuffix(".crt") { roots.append("\(path)/\(name)") }
            if name.hasSuffix(".cert") {
                let key = "\(name.dropLast(5)).key"
                guard all.contains(key) else {
                    throw Fault(.invalid, "missing key \(key) for client certificate \(name). CA certificates must use the extension .crt")
                }
                identities.append(Identity(certificate: "\(path)/\(name)", key: "\(path)/\(key)"))
            }
            if name.hasSuffix(".key") {
                let certificate = "\(name.dropLast(4)).cert"
                guard all.contains(certificate) else {
                    throw Fault(.invalid, "missing client certificate \(certificate) for key \(name)")
                }
            }
        }
    }
}
