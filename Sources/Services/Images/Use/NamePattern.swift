internal import Dockerfile
internal import OCI

/// The pattern of `--filter reference=…`, by the rules of Go's `path.Match`: `*` and `?` do not cross a slash, `[a-z]` is a set.
struct NamePattern {
    /// Nil matches nothing.
    private let glob: Glob?

    init(_ text: String) { glob = Glob(path: text) }

    /// Matches the name in its short form or in full, with its tag or without.
    func matches(_ reference: Reference) -> Bool {
        matches(reference.familiar) || matches(reference.familiarName) || matches(reference.description) || matches(reference.name)
    }

    func matches(_ text: String) -> Bool { glob?.matches(text) ?? false }
}
