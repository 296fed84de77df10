internal import AsyncIO
internal import Diagnostics
internal import HTTP
internal import HTTPTransport
internal import JSON
internal import OCI

/// Tells others what happens here: each event is posted to each endpoint of the configuration, one after the other, again until it is taken.
///
/// Nothing waits for them. What has not been told when the process ends is lost, as with Docker's registry.
struct Notifications: Sendable {
    private let endpoints: [Endpoint]
    private let source: RegistryEvent.Source
    private let includesReferences: Bool

    /// Events that wait for one endpoint at most; past that the oldest are forgotten.
    private static let queueLimit = 10_000

    private struct Endpoint: Sendable {
        var settings: RegistryConfiguration.Notification
        var url: URL
        var queue: AsyncStream<RegistryEvent>
        var sender: AsyncStream<RegistryEvent>.Continuation
    }

    /// Nil when nobody wants to be told.
    init?(_ configuration: RegistryConfiguration) throws {
        if configuration.notifications.isEmpty { return nil }
        source = RegistryEvent.Source(addr: configuration.address, instanceID: RegistryEvent.uuid())
        includesReferences = configuration.notificationsHaveReferences
        endpoints = try configuration.notifications.map { settings in
            let url: URL
            do throws(HTTPError) { url = try URL(settings.url) } catch { throw Fault(.invalid, "configuration: notifications.endpoints: \(error.message)") }
            let (queue, sender) = AsyncStream.makeStream(of: RegistryEvent.self, bufferingPolicy: .bufferingNewest(Self.queueLimit))
            return Endpoint(settings: settings, url: url, queue: queue, sender: sender)
        }
    }

    /// Notes what a request has done; `store` has the sizes of what was pushed, and manifests.
    func note(_ endpoint: RegistryEndpoint, _ exchange: Exchange, _ response: Response, _ store: RegistryStore) async {
        guard var event = RegistryEvent(endpoint, exchange, response, source: source), let name = endpoint.repository else { return }
        let wanting = endpoints.filter { !$0.settings.ignoredActions.contains(event.action.rawValue) && !$0.settings.ignoredTypes.contains(event.target.mediaType ?? "") }
        if wanting.isEmpty { return }
        if event.action == .push || event.action == .mount, let digest = event.target.digest.flatMap({ Digest($0) }) {
            // An event without size or references is better than none.
            let known = try? await AsyncIO.offload { (try store.manifest(.digest(digest), in: name), try store.blob(digest, in: name)?.size) }
            event.target.size = known?.0?.bytes.count ?? known?.1.map { Int(clamping: $0) }
            event.target.length = event.target.size
            if includesReferences, let bytes = known?.0?.bytes { event.target.references = Self.references(bytes) }
        }
        for endpoint in wanting { endpoint.sender.yield(event) }
    }

    /// What a manifest that was taken in refers to.
    private static func references(_ bytes: [UInt8]) -> [Descriptor]? {
        // It is one or the other.
        if let image = try? Document.decode(Manifest.self, from: bytes, what: "manifest") { return [image.config] + image.layers }
        return try? Document.decode(Index.self, from: bytes, what: "index").manifests
    }

    /// Posts events until it is cancelled.
    func run(log: @escaping @Sendable (String) -> Void) async throws {
        var configuration = HTTPClient.Configuration()
        configuration.userAgent = "davit"
        let client = HTTPClient(configuration)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for endpoint in endpoints {
                group.addTask { for await event in endpoint.queue { try await Self.post(event, to: endpoint, by: client, log) } }
            }
            try await group.waitForAll()
        }
    }

    /// After `threshold` failures in a row there is a pause of `backoff` before each further attempt.
    private static func post(_ event: RegistryEvent, to endpoint: Endpoint, by client: HTTPClient, _ log: @Sendable (String) -> Void) async throws {
        let body = try JSON.encode(RegistryEvent.Envelope(events: [event])), settings = endpoint.settings
        var failures = 0
        while true {
            var reason: String
            do {
                var request = ClientRequest(.post, endpoint.url, headers: settings.headers, body: .bytes(body), redirects: .returned)
                request.headers["Content-Type"] = RegistryEvent.mediaType
                let wanted = request
                let response = try await AsyncIO.withDeadline(settings.timeout) { try await client.send(wanted) }
                let status = response.status
                try await response.body.discard()
                if (200..<400).contains(status) { return }
                reason = "status \(status)"
            } catch let error as CancellationError { throw error } catch { reason = "\(error)" }
            failures += 1
            if failures == settings.threshold { log("level=warning msg=\"notifications: \(settings.name) does not take events: \(reason)\"") }
            try await AsyncIO.sleep(failures >= settings.threshold ? settings.backoff : min(settings.backoff, .milliseconds(100)))
        }
    }
}
