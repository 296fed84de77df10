import CLI
import Linux
import RegistryServer

/// `davit registry …` where it is about a server's own directory.
enum RegistryRole {
    /// Does it, and gives the exit code.
    static func run(_ request: RegistryRequest) throws -> Int32 {
        var configuration = try RegistryConfiguration(
            yaml: request.configuration.map { try FileSystem.read($0, limit: 4 << 20) }, environment: Environment.all)
        if request.configuration == nil {
            // Docker's defaults are those of its image, where the port is published or not; unless somebody says so nobody is let in here.
            if Environment.value("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY") == nil { configuration.root = request.defaultDirectory }
            if Environment.value("REGISTRY_HTTP_ADDR") == nil { configuration.address = "localhost:5000" }
        }
        configuration.override(address: nil, root: request.directory)
        switch request.work {
        case .serve(let address):
            configuration.override(address: address, root: nil)
            try RegistryService(configuration, log: { write($0, to: 2) }, logAccess: { write($0, to: 1) }).run()
            return 0
        case .collectGarbage(let isDryRun, let untagged, let isQuiet):
            try RegistryMaintenance.collect(configuration, .init(isDryRun: isDryRun, untagged: untagged)) { if !isQuiet { write($0, to: 1) } }
            return 0
        case .check:
            return try RegistryMaintenance.check(configuration) { write($0, to: 1) } ? 0 : 1
        }
    }

    private static func write(_ line: String, to number: Int32) {
        // Lines are for whoever reads them.
        try? StandardStream.write(Array((line + "\n").utf8), to: number)
    }
}
