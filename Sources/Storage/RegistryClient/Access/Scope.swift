package import OCI

/// What a token is asked to allow, in the words of the distribution project's token specification: `repository:library/x:pull,push`.
package struct Scope: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let description: String

    private init(_ description: String) { self.description = description }

    package static func pull(_ repository: RepositoryName) -> Scope { Scope("repository:\(repository):pull") }
    package static func push(_ repository: RepositoryName) -> Scope { Scope("repository:\(repository):pull,push") }
    package static func delete(_ repository: RepositoryName) -> Scope { Scope("repository:\(repository):delete,pull") }
    /// The list of all repositories.
    package static let catalog = Scope("registry:catalog:*")

    package static func < (a: Scope, b: Scope) -> Bool { a.description < b.description }
}
