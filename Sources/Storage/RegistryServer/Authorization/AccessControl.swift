internal import AsyncIO
internal import Authentication
internal import HTTP
internal import HTTPTransport
internal import JSON
internal import OCI
internal import Values

/// Who may do what: by password, by token, or everybody everything.
struct AccessControl: Sendable {
    private let configuration: RegistryConfiguration.Authorization
    private let passwords: PasswordFile?
    private let tokens: TokenVerifier?

    init(_ configuration: RegistryConfiguration.Authorization) throws {
        self.configuration = configuration
        passwords = try configuration.passwords.map { try PasswordFile(path: $0.path) }
        tokens = try configuration.tokens.map {
            try TokenVerifier(issuer: $0.issuer, service: $0.service, rootCertificates: $0.rootCertificates, keySet: $0.keySet)
        }
    }

    /// Nobody is asked anything.
    var isOpen: Bool { passwords == nil && tokens == nil && configuration.rules == nil }

    /// Something that a request wants to do.
    struct Wish: Hashable {
        var type: String
        var name: String
        var action: String
    }

    /// The user's name, empty for nobody in particular. Throws what to answer to who may not.
    func authorize(_ request: Request, _ endpoint: RegistryEndpoint) async throws -> String {
        if isOpen { return "" }
        let wishes = Self.wishes(request, endpoint)
        if let tokens, let settings = configuration.tokens { return try bearer(request, wishes, tokens, settings) }
        let user = try await signedIn(request, wishes)
        for wish in wishes where wish.type == "repository" {
            guard let action = RegistryConfiguration.Action(rawValue: wish.action) else { continue }
            if !allows(action, on: wish.name, to: user) { throw refuse(wishes, isKnown: !user.isEmpty) }
        }
        // Whoever may see something may ask whether there is a registry; a password is asked for here, where clients sign in.
        if user.isEmpty, passwords != nil, endpoint == .base || (endpoint == .catalog && !configuration.anonymousPull) {
            throw refuse(wishes, isKnown: false)
        }
        return user
    }

    /// Which names the catalog may tell a user; nil for all.
    func visible(to user: String) -> ((String) -> Bool)? {
        if tokens != nil || configuration.rules == nil { return nil }
        return { allows(.pull, on: $0, to: user) }
    }

    private func allows(_ action: RegistryConfiguration.Action, on repository: String, to user: String) -> Bool {
        if let rules = configuration.rules {
            for rule in rules where Pattern.matches(repository, rule.repository) {
                let isMeant = rule.users.contains { $0 == "*" ? !user.isEmpty : $0 == "anonymous" ? user.isEmpty : $0 == user && !user.isEmpty }
                if isMeant { return rule.actions.contains(action) }
            }
            return user.isEmpty && configuration.anonymousPull && action == .pull
        }
        return !user.isEmpty || (configuration.anonymousPull && action == .pull)
    }

    static func wishes(_ request: Request, _ endpoint: RegistryEndpoint) -> [Wish] {
        guard let name = endpoint.repository?.description else {
            return endpoint == .catalog ? [Wish(type: "registry", name: "catalog", action: "*")] : []
        }
        var wishes: [Wish]
        switch request.method {
        case .get, .head: wishes = [Wish(type: "repository", name: name, action: "pull")]
        case .delete: wishes = [Wish(type: "repository", name: name, action: "delete")]
        default: wishes = ["pull", "push"].map { Wish(type: "repository", name: name, action: $0) }
        }
        // A blob from another repository must be one that the client could pull.
        if case .uploads = endpoint, let source = request.query["from"] { wishes.append(Wish(type: "repository", name: source, action: "pull")) }
        return wishes
    }

    // MARK: - Passwords

    private func signedIn(_ request: Request, _ wishes: [Wish]) async throws -> String {
        guard let passwords, let (user, password) = Self.basic(request) else { return "" }
        guard try await AsyncIO.offload({ try passwords.verify(user: user, password: password) }) else { throw refuse(wishes, isKnown: false) }
        return user
    }

    /// RFC 7617.
    private static func basic(_ request: Request) -> (String, String)? {
        guard let value = request.headers["Authorization"], value.prefix(6).lowercased() == "basic ",
            let bytes = Base64.decode(value.dropFirst(6).drop { $0 == " " }), let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        return (String(decoding: bytes[..<colon], as: UTF8.self), String(decoding: bytes[(colon + 1)...], as: UTF8.self))
    }

    private func refuse(_ wishes: [Wish], isKnown: Bool) -> Refusal {
        let detail = Self.detail(wishes)
        guard !isKnown, let realm = configuration.passwords?.realm else { return Refusal(.denied, detail: detail) }
        return Refusal(.unauthorized, detail: detail, headers: ["WWW-Authenticate": "Basic realm=\(Self.quoted(realm))"])
    }

    // MARK: - Tokens

    private func bearer(
        _ request: Request, _ wishes: [Wish], _ tokens: TokenVerifier, _ settings: RegistryConfiguration.Authorization.Tokens
    ) throws -> String {
        func challenge(_ error: String?) -> Refusal {
            var text = "Bearer realm=\(Self.quoted(settings.realm)),service=\(Self.quoted(settings.service))"
            let scopes = Self.scopes(wishes)
            if !scopes.isEmpty { text += ",scope=\(Self.quoted(scopes))" }
            if let error { text += ",error=\(Self.quoted(error))" }
            return Refusal(.unauthorized, detail: Self.detail(wishes), headers: ["WWW-Authenticate": text])
        }
        let pulls = wishes.allSatisfy { $0.type == "repository" && $0.action == "pull" }
        guard let value = request.headers["Authorization"], value.prefix(7).lowercased() == "bearer " else {
            if configuration.anonymousPull, pulls, !wishes.isEmpty { return "" }
            throw challenge(nil)
        }
        guard let claims = tokens.claims(of: String(value.dropFirst(7).drop { $0 == " " })) else { throw challenge("invalid_token") }
        for wish in wishes {
            let isGranted = claims.access.contains { $0.type == wish.type && $0.name == wish.name && ($0.actions.contains(wish.action) || $0.actions.contains("*")) }
            if !isGranted { throw challenge("insufficient_scope") }
        }
        return claims.subject
    }

    /// `repository:a/b:pull,push repository:c:pull`.
    static func scopes(_ wishes: [Wish]) -> String {
        var order: [String] = [], actions: [String: [String]] = [:]
        for wish in wishes {
            let key = "\(wish.type):\(wish.name)"
            if actions[key] == nil { order.append(key) }
            actions[key, default: []].append(wish.action)
        }
        return order.map { "\($0):\((actions[$0] ?? []).joined(separator: ","))" }.joined(separator: " ")
    }

    private static func detail(_ wishes: [Wish]) -> JSONValue? {
        if wishes.isEmpty { return nil }
        return .array(wishes.map { .object(["Type": .string($0.type), "Class": .string(""), "Name": .string($0.name), "Action": .string($0.action)]) })
    }

    /// RFC 9110 §5.6.4.
    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}

/// Patterns of repository names.
enum Pattern {
    /// `*` stands for any run without a slash, `**` for any run.
    static func matches(_ name: String, _ pattern: String) -> Bool { matches(Array(name.utf8)[...], Array(pattern.utf8)[...]) }

    private static func matches(_ name: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        // Which places of the pattern can be reached, a byte of the name at a time: no backtracking, however many stars there are.
        let pattern = Array(pattern), star = UInt8(ascii: "*")
        func settle(_ places: Set<Int>) -> Set<Int> {
            var result = places, pending = Array(places)
            while let place = pending.popLast() {
                if place < pattern.count, pattern[place] == star, result.insert(place + 1).inserted { pending.append(place + 1) }
            }
            return result
        }
        var places = settle([0])
        for byte in name {
            var next: Set<Int> = []
            for place in places where place < pattern.count {
                if pattern[place] == star {
                    let isDouble = (place + 1 < pattern.count && pattern[place + 1] == star) || (place > 0 && pattern[place - 1] == star)
                    if byte != UInt8(ascii: "/") || isDouble { next.insert(place) }
                } else if pattern[place] == byte {
                    next.insert(place + 1)
                }
            }
            places = settle(next)
        }
        return places.contains(pattern.count)
    }
}
