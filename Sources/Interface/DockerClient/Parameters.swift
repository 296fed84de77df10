internal import DockerAPI
internal import HTTP

extension Query {
    /// Only the parameters that have a value: what is left out means the server's default.
    static func of(_ items: (String, String?)...) -> Query {
        var query = Query()
        for (name, value) in items { if let value { query.append(name, value) } }
        return query
    }
}

extension Filters {
    /// Nil when there are none.
    var parameter: String? { isEmpty ? nil : json }
}

/// A flag as a parameter; nil when it is off.
func flag(_ value: Bool) -> String? { value ? "1" : nil }

/// An optional number as a parameter.
func number(_ value: Int?) -> String? { value.map(String.init) }
