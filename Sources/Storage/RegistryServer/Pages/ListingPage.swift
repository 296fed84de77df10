internal import HTTP
internal import HTTPTransport
internal import JSON
internal import OCI

// What a browser sees: repositories and their tags, in plain HTML. And what probes ask for.
extension RegistryAPI {
    /// `/`: the page for browsers, an empty answer for probes.
    func otherPage(_ request: Request) async throws -> Response {
        guard request.method == .get || request.method == .head else { return Self.text(404, "404 page not found\n") }
        let wantsPage = request.headers.tokens("Accept").contains { $0.hasPrefix("text/html") }
        guard request.path == "/" || request.path == configuration.prefix + "/" else { return Self.text(404, "404 page not found\n") }
        if !wantsPage { return Response(200, headers: ["Cache-Control": "no-cache"]) }
        let user = try await access.authorize(request, .catalog)
        if let name = request.query["repository"] {
            guard let name = RepositoryName(name), access.visible(to: user)?(name.description) ?? true else { throw Refusal(.nameInvalid) }
            return try await repositoryPage(name)
        }
        var names = try await call { try $0.catalog() }.map(\.description)
        if let visible = access.visible(to: user) { names = names.filter(visible) }
        let rows = names.map { "<tr><td><a href=\"?repository=\(PercentEncoding.encode($0))\">\(Self.escaped($0))</a></td></tr>" }
        return Self.page("Repositories", "<table><tr><th>Repository</th></tr>\(rows.joined())</table>")
    }

    private func repositoryPage(_ name: RepositoryName) async throws -> Response {
        let rows = try await call { store in
            guard let tags = try store.tags(of: name) else { throw RegistryError(.nameUnknown) }
            return try tags.map { tag in
                let manifest = try store.manifest(.tag(tag), in: name)
                let size = manifest.flatMap { ManifestCheck.stored($0.bytes) }?.references.reduce(Int64(manifest?.bytes.count ?? 0)) { $0 &+ $1.size } ?? 0
                return "<tr><td>\(escapedHTML(tag))</td><td><code>\(manifest?.digest.description ?? "")</code></td><td>\(humanSize(size))</td></tr>"
            }
        }
        return Self.page(
            name.description,
            "<p><a href=\"?\">All repositories</a></p><table><tr><th>Tag</th><th>Digest</th><th>Size</th></tr>\(rows.joined())</table>")
    }

    private static func page(_ title: String, _ content: String) -> Response {
        let html = """
            <!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>\(escaped(title))</title><style>body{font-family:sans-serif;margin:2em}\
            table{border-collapse:collapse}th,td{text-align:left;padding:.3em 1em;border-bottom:1px solid #ccc}</style></head>\
            <body><h1>\(escaped(title))</h1>\(content)</body></html>\n
            """
        return Response(
            200,
            headers: ["Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "Cache-Control": "no-cache"],
            body: .bytes(Array(html.utf8)))
    }

    private static func escaped(_ text: String) -> String { escapedHTML(text) }

    static func text(_ status: Int, _ text: String) -> Response {
        Response(status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: .bytes(Array(text.utf8)))
    }

    /// What the debug address answers: `/metrics` and `/debug/health`.
    func debug(_ request: Request) async -> Response {
        switch request.path {
        case configuration.prometheusPath ?? "\0":
            return Response(200, headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"], body: .bytes(Array(metrics.text.utf8)))
        case "/debug/health" where request.method == .get, "/debug/health/" where request.method == .get:
            let failing = health.failing
            var reasons = JSONObject()
            for (name, reason) in failing.sorted(by: { $0.key < $1.key }) { reasons.append(name, .string(reason)) }
            let bytes = JSONValue.object(reasons).compact + [10]
            return Response(failing.isEmpty ? 200 : 503, headers: ["Content-Type": "application/json; charset=utf-8"], body: .bytes(bytes))
        default: return Self.text(404, "404 page not found\n")
        }
    }
}

private func escapedHTML(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
}

private func humanSize(_ bytes: Int64) -> String {
    var number = Double(bytes), unit = 0
    let units = ["B", "kB", "MB", "GB", "TB"]
    while number >= 1000, unit + 1 < units.count {
        number /= 1000
        unit += 1
    }
    return unit == 0 ? "\(bytes) B" : "\(Double(Int(number * 10)) / 10) \(units[unit])"
}
