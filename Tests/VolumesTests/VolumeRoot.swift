import Database
import Diagnostics
import DockerAPI
import Linux
import Testing
import Values
import Volumes

/// A data root for one test, removed with it.
final class VolumeRoot {
    let paths: StatePaths
    let database: Database
    let volumes: Volumes

    init() throws {
        let root = "/tmp/davit-volumes-\(Identifier.random().short)"
        try FileSystem.makeDirectories(root)
        paths = StatePaths(dataRoot: root, runRoot: root)
        database = try Database.open(paths.database, components: [("volumes", Volumes.migrations)])
        volumes = Volumes(paths: paths, database: database)
    }

    deinit {
        // Nothing that a test could do about it.
        try? FileSystem.removeTree(paths.dataRoot)
    }

    func create(_ name: String, labels: [String: String]? = nil) throws -> Volume {
        try volumes.create(VolumeCreateRequest(labels: labels, name: name))
    }

    func put(_ text: String, at path: String) throws {
        let slash = try #require(path.lastIndex(of: "/"))
        try FileSystem.makeDirectories(String(path[..<slash]))
        try FileSystem.replace(path, with: Array(text.utf8))
    }

    func text(_ path: String) throws -> String { String(decoding: try FileSystem.read(path), as: UTF8.self) }

    /// What is in the volumes' directory.
    var directories: [String] {
        get throws {
            guard FileSystem.exists(paths.volumes) else { return [] }
            return try FileDescriptor.open(paths.volumes, [.directory]).entries().sorted()
        }
    }
}

/// What a call fails with.
func fault(_ body: () throws -> Void) -> Fault? {
    do { try body() } catch { return error as? Fault }
    return nil
}
