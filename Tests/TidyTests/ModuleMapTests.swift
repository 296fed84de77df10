import Linux
import Testing

/// Imports point down, never up or sideways: `Package.swift` is the map, and the sources are held to it.
@Suite struct ModuleMapTests {
    let map: ModuleMap

    init() throws { map = ModuleMap(manifest: try Repository.text("Package.swift")) }

    /// Parts of the toolchain that any module may use. Foundation itself costs a millisecond at start and 50 MB.
    private static let toolchain: Set<String> = ["Synchronization", "FoundationEssentials"]

    @Test func mapIsRead() {
        #expect(map.modules.count >= 20)
        #expect(map["Linux"]?.dependencies == ["CLinux", "Values"] && map["Linux"]?.wrapsUnsafe == true)
    }

    @Test func dependenciesPointDown() {
        let floors = ["System", "Formats", "Transport", "Storage", "Execution", "Services", "Interface"]
        for (index, module) in map.modules.enumerated() {
            guard let floor = floors.firstIndex(of: module.floor) else {
                Issue.record("\(module.name) is on no floor: \(module.floor)")
                continue
            }
            for dependency in module.dependencies where !dependency.hasPrefix("C") || map[dependency] != nil {
                guard let other = map.modules.firstIndex(where: { $0.name == dependency }) else {
                    Issue.record("\(module.name) depends on \(dependency), which does not exist")
                    continue
                }
                #expect(other < index, "\(module.name) depends on \(dependency), which comes after it")
                #expect(floors.firstIndex(of: map.modules[other].floor) ?? .max <= floor, "\(module.name) depends on the higher floor of \(dependency)")
            }
            #expect(Set(module.dependencies).count == module.dependencies.count, "\(module.name) names a dependency twice")
        }
    }

    @Test func filesImportWhatTheMapAllows() throws {
        var used: [String: Set<String>] = [:]
        for file in try Repository.files(in: "Sources") {
            guard let name = file.module else { continue }
            for (number, line) in file.lines.enumerated() {
                guard let imported = importedModule(line) else { continue }
                used[name, default: []].insert(imported)
                if name == "davit" { continue }
                let allowed = map[name].map { Set($0.dependencies).union(Self.toolchain) } ?? []
                #expect(allowed.contains(imported), "\(file.path):\(number + 1) imports \(imported), which the map does not allow")
            }
        }
        // Not yet written modules have their dependencies planned.
        for module in map.modules where !FileSystem.exists("\(Repository.root)/Sources/\(module.floor)/\(module.name)/Placeholder.swift") {
            let unused = Set(module.dependencies).subtracting(used[module.name] ?? [])
            #expect(unused.isEmpty, "\(module.name) does not import \(unused.sorted().joined(separator: ", ")): take it out of the map")
        }
    }

    /// Folders and map agree.
    @Test func everyModuleHasItsFolder() throws {
        let folders = Set(
            try Repository.files(in: "Sources").compactMap { file in
                let parts = file.path.split(separator: "/")
                return parts.count > 3 ? "\(parts[1])/\(parts[2])" : nil
            })
        #expect(folders == Set(map.modules.map { "\($0.floor)/\($0.name)" }))
    }

    private func importedModule(_ line: Substring) -> String? {
        var words = line.split(separator: " ")[...]
        while let first = words.first, ["package", "internal", "private", "fileprivate", "public", "@testable", "@preconcurrency"].contains(first) {
            words = words.dropFirst()
        }
        guard words.first == "import", let name = words.dropFirst().first else { return nil }
        // `import struct X.Y` is not used here; a name with a dot would be unknown to the map, and said to be.
        return String(name)
    }
}
