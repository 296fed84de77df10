import HTTP
import HTTPTransport
import OCI
import Values
import Testing

@testable import RegistryServer

@Suite struct ConfigurationTests {
    private func read(_ text: String, _ environment: [String] = []) throws -> RegistryConfiguration {
        try RegistryConfiguration(yaml: Array(text.utf8), environment: environment)
    }

    @Test("C23, C24: config.yml of Docker's registry, and its variables") func dockersOwn() throws {
        let text = """
            version: 0.1
            log: {fields: {service: registry}, accesslog: {disabled: yes}}
            storage:
              cache: {blobdescriptor: inmemory}
              filesystem: {rootdirectory: /srv/registry, maxthreads: 100}
              delete: {enabled: true}
              maintenance: {uploadpurging: {age: 48h, interval: 1h30m}, readonly: {enabled: false}}
            http:
              addr: :5000
              prefix: /my/nested/
              host: https://registry.example:5000/
              headers: {X-Content-Type-Options: [nosniff], X-Two: [a, b]}
              debug: {addr: ":5001", prometheus: {enabled: true, path: /m}}
              tls: {certificate: /c.pem, key: /k.pem, clientcas: [/ca.pem]}
            auth: {htpasswd: {realm: basic-realm, path: /htpasswd}}
            health: {storagedriver: {enabled: true, interval: 10s, threshold: 3}}
            catalog: {maxentries: 7}
            surprise: {a: 1}
            """
        let read = try read(text)
        #expect(read.root == "/srv/registry" && read.deletesEnabled && !read.isReadOnly && !read.logsAccess)
        #expect(read.purge.age == .seconds(48 * 3600) && read.purge.interval == .seconds(5400))
        #expect(read.address == ":5000" && read.prefix == "/my/nested" && read.host == "https://registry.example:5000")
        #expect(read.headers.all("X-Two") == ["a", "b"] && read.debugAddress == ":5001" && read.prometheusPath == "/m")
        #expect(read.tls?.clientAuthorities == ["/ca.pem"] && read.authorization.passwords?.realm == "basic-realm")
        #expect(read.catalogLimit == 7)
        #expect(read.warnings == ["configuration: unknown setting surprise"])
    }

    @Test func variables() throws {
        let read = try read(
            "version: 0.1\nhttp: {addr: ':1'}\n",
            [
                "REGISTRY_STORAGE_DELETE_ENABLED=true", "REGISTRY_HTTP_ADDR=0.0.0.0:443", "REGISTRY_AUTH=htpasswd", "REGISTRY_AUTH_HTPASSWD_REALM=Registry Realm",
                "REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd", "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=/data", "REGISTRY_HTTP_TLS_CERTIFICATE=/c", "PATH=/bin",
                "REGISTRY_HTTP_TLS_KEY=/k", "REGISTRY_HTTP_TLS_CLIENTCAS_0=/ca", "REGISTRY_HTTP_HEADERS_X-One=['*']", "REGISTRY_HTTP_SECRET=0123",
                "REGISTRY_STORAGE_MAINTENANCE_READONLY={enabled: true}", "REGISTRY_NOSUCH_THING=1",
            ])
        #expect(read.deletesEnabled && read.address == "0.0.0.0:443" && read.root == "/data" && read.isReadOnly)
        #expect(read.authorization.passwords?.realm == "Registry Realm" && read.authorization.passwords?.path == "/auth/htpasswd")
        #expect(read.tls?.clientAuthorities == ["/ca"] && read.headers["X-One"] == "*")
        #expect(read.warnings == ["configuration: unknown setting nosuch"])
    }

    @Test func notificationsAndClients() throws {
        let read = try read(
            """
            version: 0.1
            notifications:
              events: {includereferences: true}
              endpoints:
                - {name: alistener, disabled: false, url: https://my.listener.com/event, headers: {X: [a, b]}, timeout: 500ms, threshold: 5, backoff: 1s,
                   ignoredmediatypes: [application/octet-stream], ignore: {mediatypes: [a/b], actions: [pull]}}
                - {name: off, disabled: true, url: "http://x"}
            http: {tls: {certificate: /c, key: /k, clientcas: [/ca], clientauth: verify-client-cert-if-given}}
            auth: {token: {realm: r, service: s, issuer: i, jwks: /keys}}
            """, ["REGISTRY_NOTIFICATIONS_ENDPOINTS_0_TIMEOUT=2s"])
        let endpoint = try #require(read.notifications.first)
        #expect(read.notifications.count == 1 && read.notificationsHaveReferences && endpoint.headers.all("X") == ["a", "b"])
        #expect(endpoint.timeout == .seconds(2) && endpoint.threshold == 5 && endpoint.ignoredTypes == ["application/octet-stream", "a/b"] && endpoint.ignoredActions == ["pull"])
        #expect(read.tls?.clientsMayBeUnknown == true && read.authorization.tokens?.keySet == "/keys" && read.warnings.isEmpty)
    }

    @Test(arguments: [
        ("version: 0.1\nnotifications: {endpoints: [{name: a}]}", "need a url"), ("version: 0.1\nauth: {token: {realm: r, service: s, issuer: i}}", "auth.token.jwks"),
        ("version: 0.1\nhttp: {tls: {certificate: /c, key: /k, clientauth: request-client-cert}}", "clientauth"),
        ("version: 0.2", "unsupported version"), ("storage: {s3: {bucket: x}}\nversion: 0.1", "storage.s3"), ("version: 0.1\nhttp: {tls: {certificate: /c}}", "http.tls.key"),
        ("version: 0.1\nauth: {htpasswd: {realm: x}}", "auth.htpasswd.path"), ("version: 0.1\nstorage: {delete: {enabled: maybe}}", "storage.delete.enabled"),
        ("a: [", "yaml: line"), ("- a", "not a list of settings"), ("version: 0.1\nhttp: {draintimeout: 5 parsecs}", "http.draintimeout"),
        ("version: 0.1\naccess: {rules: [{repository: a, actions: [fly]}]}", "unknown action"),
        ("version: 0.1\nproxy: {remoteurl: 'https://other.example'}\nstorage: {maintenance: {readonly: {enabled: true}}}", "cannot be a cache"),
        ("version: 0.1\nhealth: {tcp: [{addr: 10.1.2.3}]}", "no port"), ("version: 0.1\nhealth: {http: [{timeout: 3s}]}", "needs uri"),
        ("version: 0.1\nhealth: {file: [{file: /a}, {file: /a}]}", "two checks"),
        ("version: 0.1\nauth: {silly: {realm: a}}", "auth.silly"),
    ]) func refused(text: String, word: String) {
        #expect { try read(text) } throws: { "\($0)".contains(word) }
    }

    @Test(arguments: [
        ("a/b", "a/*", true), ("a/b/c", "a/*", false), ("a/b/c", "a/**", true), ("a", "a", true), ("ab", "a", false), ("a", "*", true), ("a/b", "*", false),
        ("team-x/app", "team-*/app", true), ("", "*", true), ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "a*a*a*a*a*a*a*a*a*c", false),
    ]) func patterns(name: String, pattern: String, fits: Bool) { #expect(Pattern.matches(name, pattern) == fits) }

    @Test func accessLogLinesCannotBeForged() {
        let line = AccessLog.line(
            .init(.get, "/v2/\n\u{1b}[2J", headers: ["User-Agent": "a\"b"]), .init(404, headers: ["Content-Length": "9"]),
            at: .init(seconds: 971_186_136))
        #expect(line == #"- - - [10/Oct/2000:13:55:36 +0000] "GET /v2/\x0a\x1b[2J HTTP/1.1" 404 9 "" "a\"b""#)
    }
}
