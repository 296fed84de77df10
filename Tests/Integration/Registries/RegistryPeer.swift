import Linux
import Testing

/// A registry server under test conditions: Debian's docker-registry or our own, both with the same configuration file.
final class RegistryPeer {
    enum Server: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case debian, own
        var testDescription: String { self == .debian ? "docker-registry" : "davit registry" }
    }

    /// What it asks of its clients.
    struct Demands {
        var usesTLS = false
        var wantsClientCertificate = false
        /// me:secret
        var wantsPassword = false
    }

    static let loopback = "127.0.0.1:5601"
    /// An address that nobody trusts without TLS.
    static let secure = "10.77.0.1:5602"

    let host: String
    private let process: RunningCommand
    private let installation: Installation

    init(_ server: Server, on installation: Installation, _ demands: Demands = Demands()) throws {
        self.installation = installation
        host = demands.usesTLS ? Self.secure : Self.loopback
        let directory = "\(installation.directory)/\(server.rawValue)"
        try FileSystem.makeDirectories(directory)
        var http = "http:\n  addr: \(host)\n"
        if demands.usesTLS {
            try Self.makeCertificates(in: installation)
            http += "  tls:\n    certificate: \(installation.directory)/pki/server.crt\n    key: \(installation.directory)/pki/server.key\n"
            if demands.wantsClientCertificate { http += "    clientcas:\n      - \(installation.directory)/pki/ca.crt\n" }
        }
        var auth = ""
        if demands.wantsPassword {
            _ = try installation.network?.shell("htpasswd -Bbn me secret > \(directory)/htpasswd")
            auth = "auth:\n  htpasswd:\n    realm: test\n    path: \(directory)/htpasswd\n"
        }
        let config = """
            version: 0.1
            log:
              level: error
            storage:
              filesystem:
                rootdirectory: \(directory)/data
              delete:
                enabled: true

            """
        try FileSystem.replace("\(directory)/config.yml", with: Array((config + http + auth).utf8))
        let program = server == .debian ? ["/usr/bin/docker-registry"] : [Installation.program, "--root", "\(directory)/root", "--run-root", "\(directory)/run", "registry"]
        process = try RunningCommand(
            program + ["serve", "\(directory)/config.yml"], environment: ["PATH=/usr/bin:/bin"], withInput: false, network: installation.network)
        let scheme = demands.usesTLS ? "https" : "http", host = host
        try installation.eventually("\(server) answers") {
            try installation.network?.shell("curl -sk -o /dev/null \(scheme)://\(host)/v2/; [ $? -ne 7 ]").code == 0
        }
    }

    /// An authority, a server's certificate for `secure`, a client's, and a client's of an authority that nobody knows.
    private static func makeCertificates(in installation: Installation) throws {
        let script = """
            set -e; ip addr add 10.77.0.1/32 dev lo; mkdir -p \(installation.directory)/pki; cd \(installation.directory)/pki
            authority() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" -keyout $1.key -out $1.crt; }
            sign() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout $1.key -out $1.csr
                     printf "$3" > $1.ext; openssl x509 -req -in $1.csr -CA $2.crt -CAkey $2.key -CAcreateserial -days 2 -extfile $1.ext -out $1.crt; }
            authority ca; authority stranger; sign server ca "subjectAltName=IP:10.77.0.1"; sign client ca "extendedKeyUsage=clientAuth"; sign other stranger "extendedKeyUsage=clientAuth"
            """
        if FileSystem.exists("\(installation.directory)/pki/client.crt") { return }
        let outcome = try installation.network?.shell(script)
        guard outcome?.code == 0 else { throw TimedOut(description: "no certificates: \(outcome.map { "\($0)" } ?? "")") }
    }
}
