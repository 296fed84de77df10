// Stand-in by the lead until the module is delivered: DELETE THIS FILE when you deliver the real one.
package import Linux
package import Values
package import Database
package final class Volumes: Sendable { package init(paths: StatePaths, database: Database) {}
 package static let migrations: [String] = []
 package func recover() throws {}
 package func acquire(_ n: String?, driver: String, container: String) throws -> String { "" }
 package func release(container: String) throws {}
 package func remove(_ n: String, force: Bool) throws {}
 package func directory(of: String) throws -> String { "" }
 package func populate(from: borrowing FileDescriptor, into: String) throws {} }
