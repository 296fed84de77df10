import Linux
import Testing

extension Integration {
    /// The API on a TCP port, with and without TLS, from the stock client and from our own.
    @Suite(.enabled(if: StockClient.program != nil, "needs a docker command (Debian's docker.io has one)"))
    struct RemoteTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        /// A certificate authority with a server's and a client's certificate, in the installation's directory.
        private func makeCertificates() throws {
            let script = """
                set -e; cd \(it.directory); mkdir certs; cd certs
                new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
                openssl req -x509 $new -days 2 -subj /CN=authority -keyout ca-key.pem -out ca.pem
                make() {
                    openssl req $new -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"; echo "$2" > "$1.ext"
                    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 1 -extfile "$1.ext" -out "$1.pem"
                }
                make server subjectAltName=DNS:localhost,IP:127.0.0.1; make client extendedKeyUsage=clientAuth
                cp client.pem cert.pem; cp client.key key.pem
                """
            let outcome = try it.shell(script)
            try #require(outcome.code == 0, "\(outcome.err)")
        }

        @Test("daemon with --tlsverify: who shows no certificate, or trusts another authority, stays out; everybody else runs containers")
        func tls() throws {
            try makeCertificates()
            let port = UInt16.random(in: 20_000..<30_000), certs = "\(it.directory)/certs", host = "tcp://127.0.0.1:\(port)"
            let daemon = try it.start([
                "daemon", "-H", host, "-H", "unix://\(it.directory)/docker.sock", "--tlsverify", "--tlscacert", "\(certs)/ca.pem", "--tlscert",
                "\(certs)/server.pem", "--tlskey", "\(certs)/server.key",
            ])
            let socket = "\(it.directory)/docker.sock"
            try it.eventually("the daemon listens") { FileSystem.exists(socket) }
            for program in [StockClient.program ?? "", Installation.program] {
                let run = try it.shell(
                    "echo in | DOCKER_CERT_PATH=\(certs) DOCKER_TLS_VERIFY=1 DOCKER_HOST=\(host) \(program) run --rm -i --network none busybox "
                        + "sh -c 'cat; echo err >&2; exit 3'")
                #expect(run.code == 3)
                #expect(run.out == "in\n")
                #expect(run.err == "err\n")
                let plain = try it.shell("\(program) -H \(host) ps")
                #expect(plain.err.contains("Error response from daemon: Client sent an HTTP request to an HTTPS server."), "\(plain.err)")
                let other = try it.shell(
                    "\(program) -H \(host) --tlsverify --tlscacert \(certs)/cert.pem --tlscert \(certs)/cert.pem --tlskey \(certs)/key.pem ps")
                #expect(other.err.contains("x509: certificate signed by unknown authority"), "\(other.err)")
            }
            // E46: the files of a context, whoever wrote it.
            for (writer, reader) in [(StockClient.program ?? "", Installation.program), (Installation.program, StockClient.program ?? "")] {
                let script = """
                    export DOCKER_CONFIG=\(it.directory)/contexts; rm -rf $DOCKER_CONFIG
                    \(writer) context create safe --docker host=\(host),ca=\(certs)/ca.pem,cert=\(certs)/cert.pem,key=\(certs)/key.pem
                    \(reader) --context safe image ls -q --filter reference=nothing && echo in
                    \(writer) context create other --docker host=\(host),ca=\(certs)/cert.pem,cert=\(certs)/cert.pem,key=\(certs)/key.pem
                    \(reader) --context other image ls
                    """
                let outcome = try it.shell(script)
                #expect(outcome.out == "safe\nin\nother\n" && outcome.err.contains("x509: certificate signed by unknown authority"), "\(outcome)")
            }
            let nobody = try it.shell("HOME=/nowhere \(Installation.program) -H \(host) --tls ps")
            #expect(nobody.err.contains("remote error: tls: certificate required"), "\(nobody.err)")
            try daemon.signal(15)
            _ = try daemon.finish(seconds: 20)
        }

        @Test("daemon on a TCP port without TLS: warns, serves programs, refuses web pages") func plain() throws {
            let port = UInt16.random(in: 20_000..<30_000), host = "tcp://127.0.0.1:\(port)"
            let daemon = try it.start(["daemon", "-H", host, "-H", "unix://\(it.directory)/docker.sock"])
            let socket = "\(it.directory)/docker.sock"
            try it.eventually("the daemon listens") { FileSystem.exists(socket) }
            for program in [StockClient.program ?? "", Installation.program] {
                let list = try it.shell("\(program) -H \(host) ps -q")
                #expect(list.code == 0, "\(list.err)")
                let tls = try it.shell("HOME=/nowhere \(program) -H \(host) --tls ps")
                #expect(tls.code == 1)
            }
            let page = try it.shell("curl -s -o /dev/null -w '%{http_code}' -H 'Origin: http://evil.example' http://127.0.0.1:\(port)/info")
            #expect(page.out == "403")
            try daemon.signal(15)
            let outcome = try daemon.finish(seconds: 20)
            #expect(outcome.err.contains("without encryption"))
        }
    }
}
