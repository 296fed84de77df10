import HTTP
import HTTPTransport
import JSON
import Linux
import Networks
import TLS
import Values

/// An etcd of version 3.4 or later, spoken to by its JSON gateway: keys and values are base64, numbers of 64 bits are strings.
struct Etcd: Sendable {
    private let servers: [URL]
    private let client: HTTPClient

    /// Bytes of an answer.
    private static let answerLimit = 16 << 20

    init(_ plan: OverlayMembership) throws {
        servers = try plan.etcd.map { try URL($0) }
        var settings = TLSClientSettings()
        if let path = plan.authority { settings.trust = TLSTrust(system: false, extra: [try FileSystem.read(path, limit: 1 << 20)]) }
        if let certificate = plan.certificate, let key = plan.key {
            settings.identity = TLSIdentity(certificates: try FileSystem.read(certificate, limit: 1 << 20), key: try FileSystem.read(key, limit: 1 << 20))
        }
        var configuration = HTTPClient.Configuration()
        configuration.tls = { [settings] _ in settings }
        configuration.connectTimeout = .seconds(3)
        configuration.responseTimeout = .seconds(5)
        // Of a watch: long without news is usual, and it is begun again then.
        configuration.stallTimeout = .seconds(300)
        client = HTTPClient(configuration)
    }

    /// The names of the servers' hosts.
    var hosts: [String] { servers.map(\.origin.host) }

    // MARK: - Leases

    /// Gives the lease's number. What is put under it goes when it has not been kept alive for so long.
    func grant(seconds: Int) async throws -> String {
        guard let lease = try await call("lease/grant", ["TTL": .string("\(seconds)")])["ID"]?.string else { throw EtcdError("no lease was granted") }
        return lease
    }

    /// False when the lease has ended.
    func keepAlive(_ lease: String) async throws -> Bool {
        let left = try await call("lease/keepalive", ["ID": .string(lease)])["result"]?["TTL"]?.string
        return left.flatMap { Int($0) }.map { $0 > 0 } ?? false
    }

    /// Ends the lease, and with it what was put under it.
    func revoke(_ lease: String) async throws { _ = try await call("lease/revoke", ["ID": .string(lease)]) }

    // MARK: - Keys

    func put(_ key: String, _ value: [UInt8], lease: String) async throws {
        _ = try await call("kv/put", ["key": Self.text(key), "value": .string(Base64.encode(value)), "lease": .string(lease)])
    }

    /// Puts a value that stays, unless there is one.
    func provide(_ key: String, _ value: [UInt8]) async throws {
        let isMissing: JSONObject = ["key": Self.text(key), "target": .string("CREATE"), "create_revision": .string("0")]
        let put: JSONObject = ["request_put": .object(["key": Self.text(key), "value": .string(Base64.encode(value))])]
        _ = try await call("kv/txn", ["compare": .array([.object(isMissing)]), "success": .array([.object(put)])])
    }

    func delete(_ key: String) async throws { _ = try await call("kv/deleterange", ["key": Self.text(key)]) }

    /// Everything below `prefix`, which ends in a slash; keys without it.
    func all(below prefix: String) async throws -> [(key: String, value: [UInt8])] {
        let answer = try await call("kv/range", Self.range(prefix))
        return (answer["kvs"]?.array ?? []).compactMap { item in
            guard let key = item["key"]?.string.flatMap({ Base64.decode($0) }) else { return nil }
            let text = String(decoding: key, as: UTF8.self)
            guard text.hasPrefix(prefix) else { return nil }
            return (String(text.dropFirst(prefix.count)), item["value"]?.string.flatMap { Base64.decode($0) } ?? [])
        }
    }

    /// Calls `changed` whenever something below `prefix` has, until the connection ends.
    func watch(_ prefix: String, _ changed: @Sendable () -> Void) async throws {
        let response = try await send("watch", ["create_request": .object(Self.range(prefix))], to: servers[0])
        while try await response.body.next() != nil { changed() }
    }

    private static func text(_ text: String) -> JSONValue { .string(Base64.encode(Array(text.utf8))) }

    /// From the prefix to what follows all that begins with it: `0` comes after the slash.
    private static func range(_ prefix: String) -> JSONObject {
        ["key": text(prefix), "range_end": text("\(prefix.dropLast())0")]
    }

    // MARK: - Calls

    /// Asks the first server that answers.
    private func call(_ method: String, _ body: JSONObject) async throws -> JSONValue {
        var failure: any Error = EtcdError("no server is named")
        for server in servers {
            do {
                let response = try await send(method, body, to: server)
                return try JSONValue(parsing: try await response.body.collect(limit: Self.answerLimit))
            } catch let error as CancellationError { throw error } catch { failure = error }
        }
        throw failure
    }

    private func send(_ method: String, _ body: JSONObject, to server: URL) async throws -> ClientResponse {
        let url = try server.resolving("/v3/\(method)")
        let response = try await client.send(
            ClientRequest(.post, url, headers: ["Content-Type": "application/json"], body: .bytes(JSONValue.object(body).compact), redirects: .returned))
        guard response.status == 200 else {
            let text = String(decoding: try await response.body.collect(limit: 64 << 10).prefix(300), as: UTF8.self)
            throw EtcdError("\(url): status \(response.status): \(text)")
        }
        return response
    }
}

/// What an etcd says that is no answer.
struct EtcdError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
