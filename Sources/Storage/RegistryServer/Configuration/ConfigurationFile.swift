internal import Diagnostics
internal import HTTP
internal import JSON
internal import OCI
internal import Patterns
internal import YAML

extension RegistryConfiguration {
    /// Reads `config.yml` (nil: defaults only) with what `REGISTRY_…` variables of the environment put over it. Throws `Fault` in words.
    ///
    /// `environment` is the list of `NAME=value`.
    package init(yaml: [UInt8]?, environment: [String] = []) throws {
        self.init()
        var value: JSONValue = .object(["version": .string("0.1")])
        if let yaml {
            do { value = try YAML.parse(yaml) } catch { throw Fault(.invalid, "configuration: \(error)") }
            guard value.object != nil else { throw Fault(.invalid, "configuration: not a list of settings") }
        }
        try EnvironmentOverlay.apply(environment, to: &value)
        let settings = Settings(value.object ?? [:])
        let version = try settings.string("version") ?? ""
        guard version == "0.1" else { throw Fault(.invalid, "configuration: unsupported version: \"\(version)\"") }
        try readStorage(settings)
        try readHTTP(settings)
        try readAuthorization(settings)
        try readProxy(settings)
        try readNotifications(settings)
        if let log = try settings.section("log") {
            logsAccess = !(try log.section("accesslog")?.bool("disabled") ?? false)
            // How much, and in what form: we have one of each.
            for known in ["level", "formatter", "fields"] { _ = log.value(known) }
        }
        _ = settings.value("loglevel")
        if let limit = try settings.section("catalog")?.int("maxentries") { catalogLimit = limit }
        if let limit = try settings.section("tags")?.int("maxtags"), limit > 0 { tagsLimit = limit }
        try readHealth(settings)
        try readValidation(settings)
        for (name, reason) in [("redis", "nothing is kept in redis"), ("middleware", "there are none")] {
            if settings.value(name) != nil { warnings.append("configuration: \(name) has no effect: \(reason)") }
        }
        warnings += settings.leftovers.map { "configuration: unknown setting \($0)" }
    }

    private mutating func readStorage(_ settings: Settings) throws {
        guard let storage = try settings.section("storage") else { return }
        for driver in ["s3", "s3aws", "gcs", "azure", "oss", "swift", "inmemory"] where storage.value(driver) != nil {
            throw Fault(.invalid, "configuration: storage.\(driver) is not supported, only storage.filesystem")
        }
        if let filesystem = try storage.section("filesystem") {
            if let path = try filesystem.string("rootdirectory"), !path.isEmpty { root = path }
            _ = filesystem.value("maxthreads")
        }
        if let isEnabled = try storage.section("delete")?.bool("enabled") { deletesEnabled = isEnabled }
        // Blobs are never redirected from here, and what is known of them costs a look at the disk.
        for known in ["redirect", "cache", "tag"] { _ = storage.value(known) }
        guard let maintenance = try storage.section("maintenance") else { return }
        if let isEnabled = try maintenance.section("readonly")?.bool("enabled") { isReadOnly = isEnabled }
        if let section = try maintenance.section("uploadpurging") {
            purge.isEnabled = try section.bool("enabled") ?? purge.isEnabled
            purge.age = try section.duration("age") ?? purge.age
            purge.interval = try section.duration("interval") ?? purge.interval
            purge.isDryRun = try section.bool("dryrun") ?? purge.isDryRun
        }
        if let section = try maintenance.section("garbagecollect") {
            collection.isEnabled = try section.bool("enabled") ?? true
            collection.interval = try section.duration("interval") ?? collection.interval
            collection.untagged = try section.bool("untagged") ?? false
            collection.lease = try section.duration("lease") ?? collection.lease
        }
        guard purge.interval >= .seconds(1), collection.interval >= .seconds(1) else { throw Fault(.invalid, "configuration: intervals must be a second or more") }
    }

    private mutating func readHTTP(_ settings: Settings) throws {
        guard let http = try settings.section("http") else { return }
        if let address = try http.string("addr"), !address.isEmpty { self.address = address }
        switch try http.string("net") ?? "" {
        case "", "tcp": break
        case "unix": isUnix = true
        case let other: throw Fault(.invalid, "configuration: unknown http.net \(other)")
        }
        if let text = try http.string("host"), !text.isEmpty {
            guard text.hasPrefix("http://") || text.hasPrefix("https://"), text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
                throw Fault(.invalid, "configuration: http.host must be a URL")
            }
            host = text.hasSuffix("/") ? String(text.dropLast()) : text
        }
        if let text = try http.string("prefix") {
            let parts = text.split(separator: "/")
            prefix = parts.map { "/\($0)" }.joined()
        }
        relativeURLs = try http.bool("relativeurls") ?? false
        if let timeout = try http.duration("draintimeout"), timeout > .zero { drainTimeout = timeout }
        // Uploads are named by chance alone, so there is nothing to sign; one protocol is spoken.
        for known in ["secret", "http2", "h2c"] { _ = http.value(known) }
        if http.value("headers") != nil { headers = try http.headers("headers") }
        if let debug = try http.section("debug") {
            debugAddress = try debug.string("addr").flatMap { $0.isEmpty ? nil : $0 }
            if let prometheus = try debug.section("prometheus"), try prometheus.bool("enabled") ?? false {
                prometheusPath = try prometheus.string("path") ?? "/metrics"
            }
        }
        if let section = try http.section("tls") { try readTLS(section) }
    }

    private mutating func readTLS(_ section: Settings) throws {
        if let encrypt = try section.section("letsencrypt"), !encrypt.names.isEmpty {
            throw Fault(.invalid, "configuration: http.tls.letsencrypt is not supported; give certificate and key")
        }
        let certificate = try section.string("certificate") ?? "", key = try section.string("key") ?? ""
        // What OpenSSL takes by default is as strict as these can be.
        for known in ["minimumtls", "ciphersuites"] { _ = section.value(known) }
        let authorities = try section.strings("clientcas") ?? []
        if certificate.isEmpty { return }
        guard !key.isEmpty else { throw Fault(.invalid, "configuration: http.tls.key is missing") }
        tls = TLS(certificate: certificate, key: key, clientAuthorities: authorities)
        switch try section.string("clientauth") ?? "" {
        case "", "require-and-verify-client-cert": break
        case "verify-client-cert-if-given": tls?.clientsMayBeUnknown = true
        case let other: throw Fault(.invalid, "configuration: http.tls.clientauth \(other) is not supported: certificates that are not verified prove nothing")
        }
    }

    private mutating func readNotifications(_ settings: Settings) throws {
        guard let section = try settings.section("notifications") else { return }
        notificationsHaveReferences = try section.section("events")?.bool("includereferences") ?? false
        for endpoint in try section.sections("endpoints") {
            guard let url = try endpoint.string("url"), !url.isEmpty else { throw Fault(.invalid, "configuration: notifications.endpoints need a url") }
            var notification = Notification(name: try endpoint.string("name") ?? url, url: url)
            notification.headers = try endpoint.headers("headers")
            if let timeout = try endpoint.duration("timeout"), timeout > .zero { notification.timeout = timeout }
            if let threshold = try endpoint.int("threshold"), threshold > 0 { notification.threshold = threshold }
            if let backoff = try endpoint.duration("backoff"), backoff > .zero { notification.backoff = backoff }
            let ignored = try endpoint.section("ignore")
            notification.ignoredTypes = Set(try (endpoint.strings("ignoredmediatypes") ?? []) + (ignored?.strings("mediatypes") ?? []))
            notification.ignoredActions = Set(try ignored?.strings("actions") ?? [])
            if try endpoint.bool("disabled") != true { notifications.append(notification) }
        }
    }

    private mutating func readValidation(_ settings: Settings) throws {
        guard let section = try settings.section("validation") else { return }
        let manifests = try section.section("manifests"), indexes = try manifests?.section("indexes")
        let listed = try indexes?.sections("platformlist").map { Platform(os: try $0.string("os") ?? "", architecture: try $0.string("architecture") ?? "") }
        switch try indexes?.string("platforms")?.lowercased() ?? "" {
        case "", "all": listedPlatforms = nil
        case "none": listedPlatforms = []
        case "list": listedPlatforms = listed
        case let other: throw Fault(.invalid, "configuration: unknown validation.manifests.indexes.platforms \(other)")
        }
        if let urls = try manifests?.section("urls") {
            do { layerURLs = try LayerURLs(allow: urls.strings("allow") ?? [], deny: urls.strings("deny") ?? []) } catch let error as PatternError {
                throw Fault(.invalid, "configuration: validation.manifests.urls: \(error)")
            }
        }
        if try section.bool("disabled") ?? section.bool("enabled").map({ !$0 }) ?? false { (listedPlatforms, layerURLs) = ([], nil) }
    }

    private mutating func readHealth(_ settings: Settings) throws {
        guard let section = try settings.section("health") else { return }
        func add(_ name: String, _ subject: HealthCheck.Subject, _ settings: Settings) throws {
            var check = HealthCheck(name: name, subject: subject)
            if let interval = try settings.duration("interval"), interval > .zero { check.interval = interval }
            if let timeout = try settings.duration("timeout"), timeout > .zero { check.timeout = timeout }
            if let threshold = try settings.int("threshold"), threshold > 0 { check.threshold = threshold }
            guard !health.contains(where: { $0.name == name }) else { throw Fault(.invalid, "configuration: health: two checks of \(name)") }
            health.append(check)
        }
        func needed(_ settings: Settings, _ kind: String, _ key: String) throws -> String {
            guard let text = try settings.string(key), !text.isEmpty else { throw Fault(.invalid, "configuration: health.\(kind) needs \(key)") }
            return text
        }
        if let storage = try section.section("storagedriver") {
            health = []
            if try storage.bool("enabled") ?? false { try add(HealthCheck.storageName, .storage, storage) }
        }
        for file in try section.sections("file") {
            let path = try needed(file, "file", "file")
            try add(path, .file(path), file)
        }
        for http in try section.sections("http") {
            let uri = try needed(http, "http", "uri"), url: URL
            do throws(HTTPError) { url = try URL(uri) } catch { throw Fault(.invalid, "configuration: health.http.uri: \(error.message)") }
            try add(uri, .http(url, headers: http.headers("headers"), status: http.int("statuscode").flatMap { $0 > 0 ? $0 : nil } ?? 200), http)
        }
        for tcp in try section.sections("tcp") {
            let address = try needed(tcp, "tcp", "addr")
            guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]) else {
                throw Fault(.invalid, "configuration: health.tcp.addr: \(address) has no port")
            }
            var host = address[..<colon]
            if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
            try add(address, .tcp(host: host.isEmpty ? "127.0.0.1" : String(host), port: port), tcp)
        }
    }

    private mutating func readAuthorization(_ settings: Settings) throws {
        if let auth = try settings.section("auth") {
            func needed(_ section: Settings, _ kind: String, _ key: String) throws -> String {
                guard let text = try section.string(key), !text.isEmpty else { throw Fault(.invalid, "configuration: auth.\(kind).\(key) must be set") }
                return text
            }
            if let section = try auth.section("htpasswd") {
                authorization.passwords = .init(realm: try needed(section, "htpasswd", "realm"), path: try needed(section, "htpasswd", "path"))
            }
            if let section = try auth.section("token") {
                authorization.tokens = .init(
                    realm: try needed(section, "token", "realm"), service: try needed(section, "token", "service"),
                    issuer: try needed(section, "token", "issuer"), rootCertificates: try section.string("rootcertbundle") ?? "",
                    keySet: try section.string("jwks") ?? "")
                if authorization.tokens?.rootCertificates.isEmpty ?? true, authorization.tokens?.keySet.isEmpty ?? true {
                    throw Fault(.invalid, "configuration: auth.token.rootcertbundle or auth.token.jwks must be set")
                }
                if try section.bool("autoredirect") ?? false { warnings.append("configuration: auth.token.autoredirect has no effect: the realm is told as it is") }
                _ = section.value("signingalgorithms")
            }
            if auth.value("silly") != nil { throw Fault(.invalid, "configuration: auth.silly is no protection") }
            if authorization.passwords != nil, authorization.tokens != nil { throw Fault(.invalid, "configuration: only one kind of auth can be used") }
        }
        guard let access = try settings.section("access") else { return }
        authorization.anonymousPull = try access.string("anonymous") == "pull"
        if access.value("rules") != nil {
            authorization.rules = try access.sections("rules").map { rule in
                let actions = try (rule.strings("actions") ?? []).map { word in
                    guard let action = Action(rawValue: word) else { throw Fault(.invalid, "configuration: unknown action \(word) in access.rules") }
                    return action
                }
                guard let repository = try rule.string("repository") else { throw Fault(.invalid, "configuration: access.rules need a repository") }
                return Authorization.Rule(repository: repository, users: try rule.strings("users") ?? ["*"], actions: Set(actions))
            }
        }
    }

    private mutating func readProxy(_ settings: Settings) throws {
        guard let section = try settings.section("proxy"), let url = try section.string("remoteurl"), !url.isEmpty else { return }
        guard !isReadOnly else { throw Fault(.invalid, "configuration: a read-only registry cannot be a cache") }
        var proxy = Proxy(remoteURL: url, username: try section.string("username") ?? "", password: try section.string("password") ?? "")
        if let time = try section.duration("ttl") { proxy.timeToLive = time > .zero ? time : nil }
        self.proxy = proxy
    }
}
