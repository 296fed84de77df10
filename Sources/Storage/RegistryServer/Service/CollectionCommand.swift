internal import AsyncIO
internal import Diagnostics
internal import HTTP
internal import HTTPTransport
internal import Linux

/// `registry garbage-collect` and `registry check`: on the directory itself, or where a server owns it, through that.
package enum RegistryMaintenance {
    /// Collects the garbage of a registry. A running server does it beside its pushes; without one everything unnamed goes.
    package static func collect(
        _ configuration: RegistryConfiguration, _ options: GarbageCollection.Options, tell: @escaping @Sendable (String) -> Void
    ) throws {
        let store: RegistryStore
        do { store = try RegistryStore(root: configuration.root, leaseDuration: .zero) } catch let fault as Fault where fault.kind == .conflict {
            return try ask(RegistryPaths(root: configuration.root), options, tell)
        }
        _ = try GarbageCollection.run(store, options, tell: tell)
    }

    private static func ask(_ paths: RegistryPaths, _ options: GarbageCollection.Options, _ tell: @escaping @Sendable (String) -> Void) throws {
        let query: Query = ["dry-run": options.isDryRun ? "1" : "0", "untagged": options.untagged ? "1" : "0"]
        try AsyncIO.run {
            let transport = EngineTransport(unix: "\(paths.base)/\(RegistryPaths.socketName)")
            let response = try await transport.respond(to: Request(.post, "/garbage-collect", query: query))
            let text = String(decoding: try await response.collect(), as: UTF8.self)
            guard response.status == 200 else { throw Fault(.internal, text.isEmpty ? "the server refuses: \(response.status)" : text) }
            tell(text.hasSuffix("\n") ? String(text.dropLast()) : text)
        }
    }

    /// Verifies everything; false when something is wrong, of which `tell` got a line each.
    package static func check(_ configuration: RegistryConfiguration, tell: (String) -> Void) throws -> Bool {
        let result = try RegistryCheck.run(
            try RegistryStore(root: configuration.root, readOnly: true), isCache: configuration.proxy != nil, tell: tell)
        tell("\(result.blobs) blobs and \(result.repositories) repositories checked, \(result.problems) problems")
        return result.problems == 0
    }
}
